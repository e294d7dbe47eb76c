// B batch, T tokens, D width.
import { describeEachBackend } from '#support/backends.js';
import { type Values, expectOp, randomInput } from '#support/op-check.js';
import { type Tensor3D, disposeParams, gatedAdd } from '@hastejs/tensor';

const [B, T, D] = [2, 3, 4];

const reference = ({ x, gate, y }: Values): number[] =>
  Array.from(x!, (value, at) => value + gate![Math.floor(at / (T * D)) * D + (at % D)]! * y![at]!);

describeEachBackend('gatedAdd', () => {
  it('is x + gate·y, one gate an image', () => {
    const inputs = {
      x: randomInput('x', [B, T, D]),
      gate: randomInput('gate', [B, D]),
      y: randomInput('y', [B, T, D]),
    };
    expectOp({ inputs, op: ({ x, gate, y }) => gatedAdd(x as Tensor3D, gate!, y as Tensor3D), reference });
    disposeParams(inputs);
  });
});
