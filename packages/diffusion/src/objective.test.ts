import { describeEachBackend } from '#support/backends.js';
import { expectOp, randomInput } from '#support/op-check.js';
import { expectNoLeaks } from '#support/leaks.js';
import { type Tensor4D, disposeParams, tf } from '@hastejs/tensor';
import { velocityErrors, velocityLoss } from './objective.js';

const SHAPE = [3, 2, 2, 5];

describeEachBackend('the velocity objective', () => {
  it('is the mean squared error, with its gradient', () => {
    const inputs = { predicted: randomInput('predicted', SHAPE), target: randomInput('target', SHAPE) };
    expectOp({
      inputs,
      op: ({ predicted, target }) => velocityLoss(predicted as Tensor4D, target as Tensor4D),
      reference: ({ predicted, target }) => [
        predicted!.reduce((sum, value, i) => sum + (value - target![i]!) ** 2, 0) / predicted!.length,
      ],
    });
    disposeParams(inputs);
  });

  it('tells the error of every image', () => {
    const predicted = tf.tensor4d([1, 3, 0, 0, 5, 5], [3, 2, 1, 1]);
    const target = tf.zerosLike(predicted);
    expectNoLeaks(() => {
      const errors_B = velocityErrors(predicted, target);
      expect([...errors_B.dataSync()]).toEqual([5, 0, 25]);
      return errors_B;
    });
    tf.dispose([predicted, target]);
  });
});
