import { describeEachBackend } from '#support/backends.js';
import { normalTensor, rng, tf, uniformTensor } from '@hastejs/tensor';

describeEachBackend('random tensors', () => {
  it('hold the same numbers on every backend', () => {
    tf.tidy(() => {
      const normal = normalTensor(rng(1), [2, 3]);
      expect(normal.shape).toEqual([2, 3]);
      expect(normal.dataSync()).toEqual(rng(1).normal(6));
    });
  });

  it('are uniform in the range asked for', () => {
    tf.tidy(() => {
      const values = uniformTensor(rng(1), [1000], -2, 6).dataSync();
      expect(Math.min(...values)).toBeGreaterThanOrEqual(-2);
      expect(Math.min(...values)).toBeLessThan(-1.9);
      expect(Math.max(...values)).toBeLessThan(6);
      expect(Math.max(...values)).toBeGreaterThan(5.9);
    });
  });
});
