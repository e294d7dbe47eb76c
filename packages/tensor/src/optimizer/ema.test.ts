import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { expectClose } from '#support/op-check.js';
import { disposeParams, emaUpdate, tf } from '@hastejs/tensor';

describeEachBackend('emaUpdate', () => {
  it('averages every name it has, and frees what it consumes', () => {
    expectNoLeaks(() => {
      const params = { a: tf.tensor1d([10, 20]), projector: tf.tensor1d([1]) };
      const ema = emaUpdate({ a: tf.tensor1d([0, 10]) }, params, 0.9);
      expect(Object.keys(ema)).toEqual(['a']);
      expectClose(ema['a']!, [1, 11], 1e-6);
      disposeParams(ema);
      return [params.a, params.projector];
    });
  });

  it('leaves the parameters alone, also where the average began as a clone of them', () => {
    const a = tf.tensor1d([1, 2]);
    const first = emaUpdate({ a: tf.clone(a) }, { a: tf.tensor1d([3, 4]) }, 0.5);
    expectClose(first['a']!, [2, 3], 0);
    expectClose(a, [1, 2], 0);
    disposeParams(first);
    a.dispose();
  });

  it('names what is missing', () => {
    tf.tidy(() => expect(() => emaUpdate({ a: tf.zeros([1]) }, {}, 0.9)).toThrow("'a'"));
  });
});
