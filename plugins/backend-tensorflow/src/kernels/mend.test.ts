import { activateBackend, whereItRuns } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { type Tensor, type Tensor1D, type Tensor4D, tf } from '@hastejs/tensor';

const image = (): Tensor4D => tf.reshape(tf.range(0, 32), [1, 4, 4, 2]) as Tensor4D;
const turned = [0, -1, 3, 1, 0, 0, 0, 0];

/** An op for each kernel that is borrowed from the cpu backend. */
const OPS: Record<string, () => Tensor | Tensor[]> = {
  BitwiseAnd: () => tf.bitwiseAnd(tf.tensor1d([12, 10], 'int32'), tf.tensor1d([10, 6], 'int32')),
  DenseBincount: () => tf.bincount(tf.tensor1d([1, 0, 1], 'int32'), tf.tensor1d([0.5, 1, 2]), 3),
  MaxPoolWithArgmax: () => Object.values(tf.maxPoolWithArgmax(image(), 2, 2, 'valid')),
  RotateWithOffset: () => tf.image.rotateWithOffset(image(), Math.PI / 2),
  SearchSorted: () => tf.lowerBound(tf.tensor1d([1, 3, 5]), tf.tensor1d([0, 3, 9])),
  Transform: () => tf.image.transform(image(), tf.tensor2d(turned, [1, 8])),
};

const valuesOf = (tensors: Tensor | Tensor[]) =>
  [tensors].flat().map((tensor) => ({ shape: tensor.shape, dtype: tensor.dtype, values: [...tensor.dataSync()] }));

describe('kernels that the official backend lacks or gets wrong', () => {
  whereItRuns('tensorflow', () => {
    it.each(Object.entries(OPS))('%s computes what the cpu backend computes', async (kernel, op) => {
      await activateBackend('cpu');
      const expected = tf.tidy(() => valuesOf(op()) as never);
      await activateBackend('tensorflow');
      const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
      const data = ['cpu', 'tensorflow'].map((name) => tf.findBackend(name).numDataIds());
      expectNoLeaks(() => tf.tidy(() => void expect(valuesOf(op())).toEqual(expected)));
      expect(['cpu', 'tensorflow'].map((name) => tf.findBackend(name).numDataIds())).toEqual(data);
      expect(tf.getKernel(kernel, 'tensorflow')).toBeDefined();
      expect(warn).not.toHaveBeenCalled();
      warn.mockRestore();
    });

    it('rounds integers to themselves, and floats to even', async () => {
      await activateBackend('tensorflow');
      const round = (x: Tensor1D) => [...tf.round(x).dataSync()];
      expectNoLeaks(() =>
        tf.tidy(() => {
          expect(round(tf.tensor1d([3, -7, 2 ** 30], 'int32'))).toEqual([3, -7, 2 ** 30]);
          expect(round(tf.tensor1d([0.5, 1.5, -2.5, 2.4]))).toEqual([0, 2, -2, 2]);
        }),
      );
    });
  });
});
