import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { type Scalar, disposeParams, tf, valueAndGrads, withoutGradient } from './index.js';

describeEachBackend('withoutGradient', () => {
  const x = () => tf.tensor1d([1, 2, 3]);

  it('gives the value, and no gradient to what it read', () => {
    const params = { x: x() };
    const square = () => tf.square(params.x);
    const { loss, grads } = valueAndGrads(
      () => ({ loss: tf.sum(tf.mul(params.x, withoutGradient(square))) as Scalar }),
      params,
    );
    expect(loss.arraySync()).toBe(36);
    // Of x·c the derivative is c, where that of x·x² would be 3x².
    expect([...grads['x']!.dataSync()]).toEqual([1, 4, 9]);
  });

  it('keeps nothing but its result alive until the forward pass has ended', () => {
    const params = { x: x() };
    const alive = (compute: typeof withoutGradient) => {
      let count = 0;
      const { loss, grads } = valueAndGrads(() => {
        const before = tf.memory().numTensors;
        const constant = compute(() => tf.exp(tf.sin(tf.square(tf.neg(params.x)))));
        count = tf.memory().numTensors - before;
        return { loss: tf.sum(tf.mul(params.x, constant)) as Scalar };
      }, params);
      loss.dispose();
      disposeParams(grads);
      return count;
    };
    expect(alive(withoutGradient)).toBe(1);
    expect(alive((f) => f())).toBeGreaterThan(3);
  });

  it('leaks nothing, also outside of a gradient', () => {
    const constant = x();
    expectNoLeaks(() => withoutGradient(() => tf.add(tf.square(constant), 1)));
  });
});
