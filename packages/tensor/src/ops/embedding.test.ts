// N rows of the table, C width.
import { describeEachBackend } from '#support/backends.js';
import { type Values, expectOp, randomInput } from '#support/op-check.js';
import { disposeParams, embedding, tf } from '@hastejs/tensor';

const [N, C] = [6, 3];

describeEachBackend('embedding', () => {
  it('looks rows up and sums the gradients of rows met twice', () => {
    const rows = [4, 1, 4, 5];
    const ids = tf.tensor1d(rows, 'int32');
    const inputs = { table: randomInput('table', [N, C]) };
    const reference = ({ table }: Values): number[] =>
      rows.flatMap((row) => [...table!.subarray(row * C, row * C + C)]);
    expectOp({ inputs, op: ({ table }) => embedding(table!, ids), reference });
    disposeParams(inputs);
    ids.dispose();
  });
});
