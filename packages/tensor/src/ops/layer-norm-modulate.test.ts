// B batch, T tokens, D width.
import { describeEachBackend } from '#support/backends.js';
import { type Values, expectOp, randomInput } from '#support/op-check.js';
import { type Tensor3D, disposeParams, layerNormModulate } from '@hastejs/tensor';

const [B, T, D, EPS] = [2, 3, 8, 1e-6];

function reference({ x, shift, scale }: Values): number[] {
  return Array.from({ length: B * T }, (_, n) => {
    const b = Math.floor(n / T);
    const row = [...x!.subarray(n * D, (n + 1) * D)];
    const mean = row.reduce((a, c) => a + c) / D;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / D;
    return row.map(
      (value, i) => ((value - mean) / Math.sqrt(variance + EPS)) * (1 + scale![b * D + i]!) + shift![b * D + i]!,
    );
  }).flat();
}

describeEachBackend('layerNormModulate', () => {
  it('normalises every token and modulates it by its image', () => {
    const inputs = {
      x: randomInput('x', [B, T, D], 3),
      shift: randomInput('shift', [B, D]),
      scale: randomInput('scale', [B, D]),
    };
    expectOp({ inputs, op: ({ x, shift, scale }) => layerNormModulate(x as Tensor3D, shift!, scale!), reference });
    disposeParams(inputs);
  });
});
