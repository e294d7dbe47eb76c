import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { expectClose } from '#support/op-check.js';
import { clipByGlobalNorm, disposeParams, globalNorm, tf } from '@hastejs/tensor';

describeEachBackend('gradient clipping', () => {
  const grads = () => ({ a: tf.tensor1d([3, 0]), b: tf.tensor2d([[0, 4]]) });

  it('measures the norm of all tensors together', () => {
    expectNoLeaks(() => {
      const given = grads();
      const norm = globalNorm(given);
      expectClose(norm, [5], 1e-7);
      return [norm, given.a, given.b];
    });
    tf.tidy(() => expectClose(globalNorm({}), [0], 0));
  });

  it('scales by max / (norm + 1e-6) above the limit', () => {
    expectNoLeaks(() => {
      const { grads: clipped, norm } = clipByGlobalNorm(grads(), 2);
      expectClose(norm, [5], 1e-7);
      expectClose(clipped['a']!, [1.2, 0], 1e-6);
      expectClose(clipped['b']!, [0, 1.6], 1e-6);
      disposeParams(clipped);
      return norm;
    });
  });

  it('leaves gradients below the limit as they are', () => {
    expectNoLeaks(() => {
      const { grads: clipped, norm } = clipByGlobalNorm(grads(), 6);
      expectClose(clipped['a']!, [3, 0], 0);
      expectClose(clipped['b']!, [0, 4], 0);
      disposeParams(clipped);
      return norm;
    });
  });

  it('shows a gradient that is not finite in the norm', () => {
    tf.tidy(() => expect(globalNorm({ a: tf.tensor1d([1, NaN]) }).dataSync()[0]).toBeNaN());
  });
});
