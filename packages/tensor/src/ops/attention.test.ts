// B batch, H heads, T query tokens, S key tokens, d head size.
import { describeEachBackend } from '#support/backends.js';
import { type Values, expectClose, expectOp, randomInput } from '#support/op-check.js';
import { type Tensor4D, attention, disposeParams, tf } from '@hastejs/tensor';

function reference(B: number, H: number, T: number, S: number, d: number) {
  return ({ q, k, v }: Values): number[] =>
    Array.from({ length: B * H * T }, (_, row) => {
      const head = Math.floor(row / T);
      const logits = Array.from({ length: S }, (_, s) => {
        let dot = 0;
        for (let i = 0; i < d; i++) dot += q![row * d + i]! * k![(head * S + s) * d + i]!;
        return dot / Math.sqrt(d);
      });
      const max = Math.max(...logits);
      const weights = logits.map((logit) => Math.exp(logit - max));
      const total = weights.reduce((a, b) => a + b);
      return Array.from({ length: d }, (_, i) =>
        weights.reduce((sum, weight, s) => sum + (weight / total) * v![(head * S + s) * d + i]!, 0),
      );
    }).flat();
}

describeEachBackend('attention', () => {
  it.each([
    [2, 3, 5, 5, 4],
    [1, 2, 9, 6, 3],
    [2, 1, 17, 17, 8],
  ])('is softmax(q·kᵀ·d^−½)·v (B %i, H %i, T %i, S %i, d %i)', (B, H, T, S, d) => {
    const inputs = {
      q: randomInput('q', [B, H, T, d]),
      k: randomInput('k', [B, H, S, d]),
      v: randomInput('v', [B, H, S, d]),
    };
    const op = ({ q, k, v }: typeof inputs) => attention(q as Tensor4D, k as Tensor4D, v as Tensor4D);
    expectOp({ inputs, op: op as never, reference: reference(B, H, T, S, d) });
    disposeParams(inputs);
  });

  it('stands logits of ±10⁴', () => {
    tf.tidy(() => {
      const q = tf.tensor4d([100, -100], [1, 1, 2, 1]);
      const k = tf.tensor4d([100, -100], [1, 1, 2, 1]);
      const v = tf.tensor4d([1, 2], [1, 1, 2, 1]);
      expectClose(attention(q, k, v), [1, 2], 1e-7);
      const dq = tf.grad((x) => tf.sum(attention(x as Tensor4D, k, v)))(q);
      expectClose(dq, [0, 0], 1e-7);
    });
  });
});
