import { activateBackend } from '#support/backends.js';
import { expectGradients } from '#support/finite-difference.js';
import { randomInput } from '#support/op-check.js';
import { type Params, type Scalar, type Tensor, type Tensor2D, type Tensor4D, tf } from '@hastejs/tensor';

const total = (x: Tensor): Scalar => tf.sum(tf.square(x)) as Scalar;

/** Gradients that need a kernel which the wasm backend lacks. */
const GRADIENTS: Record<string, { inputs(): Params; loss(inputs: Params): Scalar }> = {
  conv2d: {
    inputs: () => ({ x: randomInput('x', [2, 5, 5, 3]), w: randomInput('w', [3, 3, 3, 2], 0.3) }),
    loss: ({ x, w }) => total(tf.conv2d(x as Tensor4D, w as Tensor4D, 1, 'same')),
  },
  depthwiseConv2d: {
    inputs: () => ({ x: randomInput('x', [2, 5, 5, 3]), w: randomInput('w', [3, 3, 3, 1], 0.3) }),
    loss: ({ x, w }) => total(tf.depthwiseConv2d(x as Tensor4D, w as Tensor4D, 1, 'same')),
  },
  gather: {
    inputs: () => ({ x: randomInput('x', [6, 3]) }),
    loss: ({ x }) => total(tf.gather(x!, tf.tensor1d([4, 1, 4], 'int32'))),
  },
};

describe('kernels borrowed from cpu', () => {
  beforeAll(() => activateBackend('wasm'));

  it.each(Object.entries(GRADIENTS))('the gradient of %s', (_, { inputs, loss }) => {
    tf.tidy(() => expectGradients(loss, inputs()));
  });

  it('einsum', () => {
    tf.tidy(() => {
      const [a, b] = [randomInput('a', [2, 3]) as Tensor2D, randomInput('b', [4, 3]) as Tensor2D];
      const expected = tf.matMul(a, b, false, true).dataSync();
      tf.einsum('ij,kj->ik', a, b)
        .dataSync()
        .forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
    });
  });

  it('leave nothing behind on either backend, and print no banner', () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const count = (): number[] => ['cpu', 'wasm'].map((name) => tf.findBackend(name).numDataIds());
    const before = count();
    tf.tidy(() => void tf.unsortedSegmentSum(tf.ones([3, 2]), tf.tensor1d([0, 1, 0], 'int32'), 2));
    expect(count()).toEqual(before);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });
});
