// N rows, D width.
import { describeEachBackend } from '#support/backends.js';
import { type Values, expectClose, expectOp, randomInput } from '#support/op-check.js';
import { disposeParams, layerNorm, tf } from '@hastejs/tensor';

const [N, D, EPS] = [6, 8, 1e-6];

function reference({ x, weight, bias }: Values): number[] {
  return Array.from({ length: N }, (_, n) => {
    const row = [...x!.subarray(n * D, (n + 1) * D)];
    const mean = row.reduce((a, b) => a + b) / D;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / D;
    return row.map((value, i) => ((value - mean) / Math.sqrt(variance + EPS)) * (weight?.[i] ?? 1) + (bias?.[i] ?? 0));
  }).flat();
}

describeEachBackend('layerNorm', () => {
  it.each([['weight and bias'], ['weight'], ['neither']])('normalises the last axis, with %s', (affine) => {
    const inputs = {
      x: randomInput('x', [2, 3, D]),
      ...(affine.includes('weight') && { weight: randomInput('weight', [D]) }),
      ...(affine.includes('bias') && { bias: randomInput('bias', [D]) }),
    };
    expectOp({ inputs, op: ({ x, weight, bias }) => layerNorm(x!, { weight, bias, eps: EPS }), reference });
    disposeParams(inputs);
  });

  it('keeps its precision far from zero', () => {
    tf.tidy(() => {
      const offset = tf.add(tf.mul(tf.range(0, D), 0.5), 4096);
      const centred = tf.mul(tf.range(0, D), 0.5);
      expectClose(layerNorm(offset, { eps: EPS }), layerNorm(centred, { eps: EPS }).dataSync(), 1e-6);
    });
  });
});
