// N rows, I inputs, O outputs.
import { describeEachBackend } from '#support/backends.js';
import { type Values, expectOp, randomInput } from '#support/op-check.js';
import { disposeParams, linear, tf } from '@hastejs/tensor';

const [N, I, O] = [6, 4, 5];

function reference({ x, weight, bias }: Values): number[] {
  return Array.from({ length: N * O }, (_, at) => {
    const [n, o] = [Math.floor(at / O), at % O];
    let sum = bias?.[o] ?? 0;
    for (let i = 0; i < I; i++) sum += x![n * I + i]! * weight![o * I + i]!;
    return sum;
  });
}

describeEachBackend('linear', () => {
  it.each([[true], [false]])('is x·Wᵀ + b over the last axis, with its gradients (bias: %p)', (withBias) => {
    const inputs = {
      x: randomInput('x', [2, 3, I]),
      weight: randomInput('weight', [O, I]),
      ...(withBias && { bias: randomInput('bias', [O]) }),
    };
    expectOp({ inputs, op: ({ x, weight, bias }) => linear(x!, weight!, bias), reference });
    disposeParams(inputs);
  });

  it('keeps the leading axes', () => {
    tf.tidy(() => expect(linear(tf.zeros([2, 3, I]), tf.zeros([O, I])).shape).toEqual([2, 3, O]));
  });

  it('says which shapes do not fit', () => {
    tf.tidy(() => {
      expect(() => linear(tf.zeros([2, 3]), tf.zeros([O, I]))).toThrow('[2, 3], [5, 4]');
      expect(() => linear(tf.zeros([2, I]), tf.zeros([O, I]), tf.zeros([3]))).toThrow('[2, 4], [5, 4], [3]');
    });
  });
});
