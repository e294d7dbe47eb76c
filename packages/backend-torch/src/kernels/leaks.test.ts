import { activateBackend, whereItRuns } from '#support/backends.js';
import { type Tensor, tf } from '@hastejs/tensor';
import { started } from '../start.js';

/** One op of each kind of kernel: one operator, views, intermediates, several outputs, borrowed. */
const MIX: ((x: Tensor) => unknown)[] = [
  (x) => tf.add(x, 1),
  (x) => tf.squaredDifference(x, 2),
  (x) => tf.step(x),
  (x) => tf.floorDiv(x, 3),
  (x) => tf.matMul(x as never, x as never, true, false),
  (x) => tf.fused.matMul({ a: x as never, b: x as never, transposeB: true, bias: tf.ones([4]), activation: 'elu' }),
  (x) => tf.softmax(x),
  (x) => tf.mean(x, 0, true),
  (x) => tf.prod(x),
  (x) => tf.argMax(x, 1),
  (x) => tf.split(x, 2, 1),
  (x) => tf.topk(x, 2),
  (x) => tf.slice(x, [1, 1], [2, 2]),
  (x) =>
    tf.pad(x as never, [
      [1, 0],
      [0, 1],
    ]),
  (x) =>
    tf.mirrorPad(
      x,
      [
        [1, 1],
        [0, 0],
      ],
      'reflect',
    ),
  (x) =>
    tf.gather(
      x,
      [
        [0, 1],
        [2, 3],
      ],
      1,
    ),
  (x) => tf.unsortedSegmentSum(x, tf.tensor1d([0, -1, 1, 0], 'int32'), 2),
  () => tf.scatterND(tf.tensor2d([[0], [2]], [2, 1], 'int32'), tf.ones([2, 3]), [4, 3]),
  (x) => tf.cumsum(x, 0, true, true),
  (x) => tf.oneHot(tf.argMax(x, 0), 4, 5, 1),
  (x) => tf.einsum('ij,kj->ik', x as never, x as never),
  (x) => tf.unique(tf.reshape(x, [-1])),
  (x) => tf.fft(tf.complex(x, x)),
  (x) => tf.grad((y) => tf.conv2d(tf.reshape(y, [1, 4, 4, 1]) as never, tf.ones([2, 2, 1, 3]), 2, 'same'))(x),
  (x) => tf.grad((y) => tf.maxPool(tf.reshape(y, [1, 4, 4, 1]) as never, 3, 2, 'same'))(x),
  (x) => tf.grad((y) => tf.image.resizeBilinear(tf.reshape(y, [1, 4, 4, 1]) as never, [3, 7]))(x),
];

/** Each fails inside of libtorch, or on the way to it. */
const FAULTS: Record<string, (x: Tensor) => unknown> = {
  'shapes that do not multiply': (x) => tf.engine().runKernel('BatchMatMul', { a: x, b: tf.ones([3, 3]) }, {}),
  'a bias that does not fit': (x) =>
    tf.engine().runKernel('_FusedMatMul', { a: x, b: x, bias: tf.ones([3]) } as never, {
      transposeA: true,
      transposeB: false,
      activation: 'linear',
    }),
  'an unknown activation': (x) =>
    tf.engine().runKernel('_FusedMatMul', { a: x, b: x }, { transposeB: true, transposeA: false, activation: 'cube' }),
  'shapes that do not broadcast': (x) => tf.engine().runKernel('SquaredDifference', { a: x, b: tf.ones([3]) }),
  'a shape of another size': (x) => tf.engine().runKernel('Reshape', { x }, { shape: [5, 5] }),
  'an index out of bounds': (x) => tf.gather(x, [[0, 9]], 1),
  'an axis that is not there': (x) => tf.engine().runKernel('Prod', { x }, { axis: [0, 7], keepDims: false }),
  'a gradient of another shape': (x) =>
    tf
      .engine()
      .runKernel(
        'Conv2DBackpropFilter',
        { x: tf.reshape(x, [1, 4, 4, 1]), dy: tf.ones([1, 4, 4, 1]) },
        { strides: 2, pad: 'same', dataFormat: 'NHWC', filterShape: [2, 2, 1, 1] },
      ),
};

describe('handles (torch)', () => {
  whereItRuns('torch', () => {
    beforeAll(() => activateBackend('torch'));
    const alive = (): number => started()!.addon.alive();
    const input = (): Tensor =>
      tf.tensor2d(
        Array.from({ length: 16 }, (_, i) => (i % 5) - 2),
        [4, 4],
      );

    it('return to their start over 1,000 mixed ops', () => {
      const before = [alive(), tf.memory().numTensors, tf.memory().numDataBuffers];
      for (let i = 0; i < 1000; i++) tf.tidy(() => void MIX[i % MIX.length]!(input()));
      expect([alive(), tf.memory().numTensors, tf.memory().numDataBuffers]).toEqual(before);
    });

    it.each(Object.entries(FAULTS))('return to their start after %s', (_, fault) => {
      const before = alive();
      expect(() => tf.tidy(() => void fault(input()))).toThrow();
      expect(alive()).toBe(before);
    });

    it('used after disposal are an error that says so', () => {
      const { addon } = started()!;
      const handle = addon.create(new Float32Array(1), [1], 6, 'cpu');
      addon.dispose(handle);
      expect(() => addon.dispose(handle)).toThrow(/was disposed of/);
      expect(() => addon.read(handle)).toThrow(/was disposed of/);
    });
  });
});
