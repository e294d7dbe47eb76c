// B batch, H heads, T tokens, d head size of the student, e of the teacher.
import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { type Values, expectClose, expectOp, randomInput } from '#support/op-check.js';
import {
  type Tensor3D,
  type Tensor4D,
  attentionCrossEntropy,
  disposeParams,
  packedQueryKey,
  splitHeads,
  tf,
  valueAndGrads,
} from '@hastejs/tensor';

const [B, H, T, d, e] = [2, 3, 5, 4, 6];

function logits(q: ArrayLike<number>, k: ArrayLike<number>, row: number, size: number): number[] {
  const head = Math.floor(row / T);
  return Array.from({ length: T }, (_, s) => {
    let dot = 0;
    for (let i = 0; i < size; i++) dot += q[row * size + i]! * k[(head * T + s) * size + i]!;
    return dot / Math.sqrt(size);
  });
}

function logSumExp(values: readonly number[]): number {
  const max = Math.max(...values);
  return max + Math.log(values.reduce((sum, value) => sum + Math.exp(value - max), 0));
}

describeEachBackend('attentionCrossEntropy', () => {
  const teacher = () => ({
    q_BHTd: randomInput('qt', [B, H, T, e]) as Tensor4D,
    k_BHTd: randomInput('kt', [B, H, T, e]) as Tensor4D,
  });

  it('is −Σ softmax(At)·logsoftmax(As), mean over batch, heads and rows', () => {
    const t = teacher();
    const [qt, kt] = [t.q_BHTd.dataSync(), t.k_BHTd.dataSync()];
    const reference = ({ q, k }: Values): number[] => {
      let total = 0;
      for (let row = 0; row < B * H * T; row++) {
        const [As, At] = [logits(q!, k!, row, d), logits(qt, kt, row, e)];
        const [lseS, lseT] = [logSumExp(As), logSumExp(At)];
        As.forEach((logit, s) => (total -= Math.exp(At[s]! - lseT) * (logit - lseS)));
      }
      return [total / (B * H * T)];
    };
    const inputs = { q: randomInput('q', [B, H, T, d]), k: randomInput('k', [B, H, T, d]) };
    expectOp({
      inputs,
      op: ({ q, k }) => attentionCrossEntropy({ q_BHTd: q as Tensor4D, k_BHTd: k as Tensor4D }, t),
      reference,
    });
    disposeParams(inputs);
    tf.dispose([t.q_BHTd, t.k_BHTd]);
  });

  it('takes queries and keys that lie side by side, as a layer makes them', () => {
    expectNoLeaks(() => {
      const [layer, t] = [randomInput('layer', [B, T, 3 * H * d]), teacher()];
      const loss = (f: () => Tensor4D[]) =>
        valueAndGrads(
          () => {
            const [q, k] = f();
            return { loss: attentionCrossEntropy({ q_BHTd: q!, k_BHTd: k! }, t) };
          },
          { layer },
        );
      const whole = loss(() => {
        const { q, k } = packedQueryKey(layer as Tensor3D, 3, H);
        return [q, k];
      });
      const copies = loss(() => splitHeads(layer as Tensor3D, 3, H).map((x) => tf.mul(x, 1)));
      expectClose(whole.loss, copies.loss.dataSync(), 1e-6);
      expectClose(whole.grads['layer']!, copies.grads['layer']!.dataSync(), 1e-6);
      return [layer, t, { ...whole }, { ...copies }];
    });
  });

  it('stands logits of ±10⁴: no infinity, no lost gradient', () => {
    tf.tidy(() => {
      const column = (values: number[]) => tf.tensor4d(values, [1, 1, 2, 1]);
      const s = { q: column([100, 100]), k: column([100, -100]) };
      const t = { q_BHTd: column([100, 100]), k_BHTd: column([-100, 100]) };
      const { loss, grads } = valueAndGrads(
        () => ({ loss: attentionCrossEntropy({ q_BHTd: s.q, k_BHTd: s.k }, t) }),
        s,
      );
      // The student is sure of key 0, the teacher of key 1, 2·10⁴ apart.
      expectClose(loss, [20_000], 1e-6);
      expectClose(grads['q']!, [100, 100], 1e-6);
      expectClose(grads['k']!, [100, -100], 1e-6);
    });
  });

  it('gives the teacher no gradient', () => {
    tf.tidy(() => {
      const t = teacher();
      const student = { q_BHTd: randomInput('q', [B, H, T, d]), k_BHTd: randomInput('k', [B, H, T, d]) };
      const params = { q: student.q_BHTd, qt: t.q_BHTd };
      const { grads } = valueAndGrads(() => ({ loss: attentionCrossEntropy(student as typeof t, t) }), params);
      expect(Object.keys(grads)).toEqual(['q']);
    });
  });

  it('refuses maps of different sizes', () => {
    tf.tidy(() => {
      const small = randomInput('small', [B, H, T - 1, d]) as Tensor4D;
      expect(() => attentionCrossEntropy({ q_BHTd: small, k_BHTd: small }, teacher())).toThrow('[2, 3, 4, 4]');
    });
  });
});
