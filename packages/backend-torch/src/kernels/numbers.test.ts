import { activateBackend, whereItRuns } from '#support/backends.js';
import { type Tensor, tf } from '@hastejs/tensor';

const ints = (values: number[]): Tensor => tf.tensor1d(values, 'int32');
const bools = (values: number[]): Tensor => tf.tensor1d(values, 'bool');

/** What TensorFlow.js' own suite leaves open, and libtorch alone would answer otherwise, or not at all. */
const NUMBERS: Record<string, { op(): Tensor; dtype: string; values: number[] }> = {
  'a sum of bools counts': { op: () => tf.sum(bools([1, 0, 1])), dtype: 'int32', values: [2] },
  'bools add up': { op: () => tf.add(bools([1, 0]), bools([1, 1])), dtype: 'int32', values: [2, 1] },
  'bools can be subtracted': { op: () => tf.sub(bools([1, 0]), bools([1, 1])), dtype: 'int32', values: [0, -1] },
  'a sum of int32 is int32': { op: () => tf.sum(ints([5, 6])), dtype: 'int32', values: [11] },
  'a mean of int32 is float32': { op: () => tf.mean(ints([1, 2])), dtype: 'float32', values: [1.5] },
  'int32 divided by zero is 0': { op: () => tf.div(ints([7, -7]), ints([0, 2])), dtype: 'int32', values: [0, -4] },
  'a remainder of zero is 0': { op: () => tf.mod(ints([7, -7]), ints([0, 3])), dtype: 'int32', values: [0, 2] },
  'large int32 divide exactly': {
    op: () => tf.floorDiv(ints([2147483647]), ints([2])),
    dtype: 'int32',
    values: [1073741823],
  },
  'a clip of int32 stays int32': {
    op: () => tf.clipByValue(ints([-5, 5]), -1.5, 2.5),
    dtype: 'int32',
    values: [-1, 2],
  },
  'casts wrap, and NaN is 0': {
    op: () => tf.cast(tf.tensor1d([3e9, NaN, -1.9]), 'int32'),
    dtype: 'int32',
    values: [-1294967296, 0, -1],
  },
  'argMax passes over NaN': { op: () => tf.argMax(tf.tensor1d([NaN, 2, 1])), dtype: 'int32', values: [1] },
  'step keeps NaN': { op: () => tf.step(tf.tensor1d([NaN, 0, 2]), -3), dtype: 'float32', values: [NaN, -3, 1] },
  'selu of int32': { op: () => tf.cast(tf.selu(ints([0, 2])), 'int32'), dtype: 'int32', values: [0, 2] },
  'segments pass over ids that are none': {
    op: () => tf.unsortedSegmentSum(tf.tensor1d([1, 2, 4, 8]), ints([0, -1, 1, 5]) as never, 2),
    dtype: 'float32',
    values: [1, 4],
  },
  'a sum over no axis is the tensor': { op: () => tf.sum(tf.tensor1d([1, 2]), []), dtype: 'float32', values: [1, 2] },
  'nearest pixels do not mix': {
    op: () => tf.image.resizeNearestNeighbor(tf.tensor3d([1, Infinity, 2, 3], [2, 2, 1]), [1, 2]),
    dtype: 'float32',
    values: [1, Infinity],
  },
};

describe('numbers (torch)', () => {
  whereItRuns('torch', () => {
    beforeAll(() => activateBackend('torch'));

    it.each(Object.entries(NUMBERS))('%s', (_, { op, dtype, values }) => {
      tf.tidy(() => {
        const result = op();
        expect(result.dtype).toBe(dtype);
        expect(Array.from(result.dataSync())).toEqual(values);
      });
    });
  });
});
