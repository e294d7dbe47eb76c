import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { expectClose, randomInput } from '#support/op-check.js';
import { type AdamWResult, adamwUpdate, tf } from '@hastejs/tensor';

const [LR, BETA1, BETA2, EPS, DECAY] = [1e-2, 0.9, 0.999, 1e-8, 0.1];

/** torch.optim.AdamW in float64, as its documentation states it. */
function reference(theta: number[], grads: number[][]): { theta: number[]; m: number[]; v: number[] } {
  const [m, v] = [theta.map(() => 0), theta.map(() => 0)];
  grads.forEach((g, step) => {
    theta = theta.map((value, i) => {
      m[i] = BETA1 * m[i]! + (1 - BETA1) * g[i]!;
      v[i] = BETA2 * v[i]! + (1 - BETA2) * g[i]! ** 2;
      const [mHat, vHat] = [m[i]! / (1 - BETA1 ** (step + 1)), v[i]! / (1 - BETA2 ** (step + 1))];
      return value - LR * DECAY * value - (LR * mHat) / (Math.sqrt(vHat) + EPS);
    });
  });
  return { theta, m, v };
}

describeEachBackend('adamwUpdate', () => {
  it('follows PyTorch over five steps and frees what it consumes', () => {
    const theta = randomInput('theta', [3, 7]);
    const grads = Array.from({ length: 5 }, (_, step) => randomInput(`grad${step}`, [3, 7], 10 ** -step));
    const expected = reference(
      [...theta.dataSync()],
      grads.map((g) => [...g.dataSync()]),
    );
    expectNoLeaks(() => {
      const zeros = () => ({ theta: tf.zeros([3, 7]), still: tf.zeros([1]) });
      let state: AdamWResult = { params: { theta: tf.clone(theta), still: tf.ones([1]) }, m: zeros(), v: zeros() };
      const rates = { beta1: BETA1, beta2: BETA2, eps: EPS, weightDecay: DECAY };
      grads.forEach((grad, step) => {
        const [lr, count] = [tf.scalar(LR), tf.scalar(step + 1)];
        state = adamwUpdate({ ...state, grads: { theta: grad }, lr, count, ...rates });
        tf.dispose([lr, count]);
      });
      expectClose(state.params['theta']!, expected.theta, 1e-6);
      expectClose(state.m['theta']!, expected.m, 1e-7);
      expectClose(state.v['theta']!, expected.v, 1e-7);
      // No gradient: neither decayed nor replaced.
      expectClose(state.params['still']!, [1], 0);
      return [state.params, state.m, state.v].flatMap((tensors) => Object.values(tensors));
    });
    // A clone of theta was consumed; theta itself is as it was.
    expectClose(theta, randomInput('theta', [3, 7]).dataSync(), 0);
    tf.dispose([theta, ...grads]);
  });

  it('names a gradient that has no parameter', () => {
    tf.tidy(() => {
      const [lr, count] = [tf.scalar(LR), tf.scalar(1)];
      const rates = { lr, count, beta1: BETA1, beta2: BETA2, eps: EPS, weightDecay: DECAY };
      const update = () => adamwUpdate({ params: {}, grads: { lost: tf.zeros([1]) }, m: {}, v: {}, ...rates });
      expect(update).toThrow("'lost'");
    });
  });
});
