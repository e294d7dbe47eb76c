import { describeEachBackend } from '#support/backends.js';
import { expectGradients } from '#support/finite-difference.js';
import { expectNoLeaks } from '#support/leaks.js';
import { type Scalar, linear, normalTensor, rng, tf } from '@hastejs/tensor';

describeEachBackend('linear', () => {
  const input = (name: string, shape: number[]) => normalTensor(rng(1).stream(name), shape);

  it('is x·Wᵀ + b over the last axis', () => {
    expectNoLeaks(() => {
      const x = tf.tensor3d([1, 2, 3, 4], [1, 2, 2]);
      const weight = tf.tensor2d([1, 0, 0, 1, 1, 1], [3, 2]);
      const bias = tf.tensor1d([10, 20, 30]);
      const y = linear(x, weight, bias);
      expect(y.shape).toEqual([1, 2, 3]);
      expect([...y.dataSync()]).toEqual([11, 22, 33, 13, 24, 37]);
      return [x, weight, bias, y];
    });
  });

  it('has the right gradients', () => {
    tf.tidy(() => {
      const inputs = { x: input('x', [2, 3, 4]), weight: input('w', [5, 4]), bias: input('b', [5]) };
      expectGradients(({ x, weight, bias }) => tf.sum(tf.square(linear(x!, weight!, bias))) as Scalar, inputs);
    });
  });
});
