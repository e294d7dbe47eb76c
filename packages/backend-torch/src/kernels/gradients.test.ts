import { activateBackend, whereItRuns } from '#support/backends.js';
import { expectGradients } from '#support/finite-difference.js';
import { expectClose, randomInput } from '#support/op-check.js';
import { type Params, type Scalar, type Tensor, type Tensor4D, tf, valueAndGrads } from '@hastejs/tensor';

interface Case {
  readonly inputs: Readonly<Record<string, number[]>>;
  op(inputs: Params): Tensor;
}

const image = (x: Tensor | undefined): Tensor4D => x as Tensor4D;

/** The numbers from 0, shuffled. */
const spread = (shape: number[]): Tensor => {
  const size = tf.util.sizeFromShape(shape);
  return tf.tensor(
    Array.from({ length: size }, (_, i) => (i * 17) % size),
    shape,
  );
};

/** Ops of smooth functions, by what their gradients need: each is held against differences and against the cpu backend. */
const CASES: Record<string, Case> = {
  'matMul of batches': {
    inputs: { a: [2, 3, 4], b: [2, 5, 4] },
    op: ({ a, b }) => tf.matMul(a!, b!, false, true),
  },
  'matMul, transposed': { inputs: { a: [4, 3], b: [4, 5] }, op: ({ a, b }) => tf.matMul(a!, b!, true, false) },
  'conv2d, same, stride 2': {
    inputs: { x: [2, 6, 5, 3], w: [3, 3, 3, 2] },
    op: ({ x, w }) => tf.conv2d(image(x), image(w), 2, 'same'),
  },
  'conv2d of patches': {
    inputs: { x: [2, 4, 4, 3], w: [2, 2, 3, 5] },
    op: ({ x, w }) => tf.conv2d(image(x), image(w), 2, 'valid'),
  },
  'depthwiseConv2d, same': {
    inputs: { x: [2, 5, 5, 3], w: [3, 3, 3, 2] },
    op: ({ x, w }) => tf.depthwiseConv2d(image(x), image(w), 1, 'same'),
  },
  'avgPool, valid': { inputs: { x: [1, 4, 4, 2] }, op: ({ x }) => tf.avgPool(image(x), 2, 2, 'valid') },
  'maxPool, same': {
    inputs: { x: [1, 5, 5, 2] },
    // Far enough from each other that no difference changes the order.
    op: ({ x }) => tf.maxPool(image(tf.add(tf.mul(x!, 0.01), spread([1, 5, 5, 2]))), 3, 2, 'same'),
  },
  // Square: of others, the cpu backend's own gradient has the wrong shape.
  'resizeBilinear, up': { inputs: { x: [2, 4, 4, 2] }, op: ({ x }) => tf.image.resizeBilinear(image(x), [5, 7]) },
  'resizeBilinear, down, aligned': {
    inputs: { x: [2, 6, 6, 1] },
    op: ({ x }) => tf.image.resizeBilinear(image(x), [3, 4], true),
  },
  gather: { inputs: { x: [5, 3] }, op: ({ x }) => tf.gather(x!, tf.tensor1d([4, 1, 4], 'int32')) },
  'gather along the last axis': {
    inputs: { x: [2, 5] },
    op: ({ x }) =>
      tf.gather(
        x!,
        [
          [0, 4],
          [4, 2],
        ],
        1,
      ),
  },
  softmax: { inputs: { x: [3, 4] }, op: ({ x }) => tf.softmax(x!) },
  logSoftmax: { inputs: { x: [3, 4] }, op: ({ x }) => tf.logSoftmax(x!) },
  'cumsum, exclusive, in reverse': { inputs: { x: [3, 4] }, op: ({ x }) => tf.cumsum(x!, 1, true, true) },
  prod: { inputs: { x: [2, 3, 2] }, op: ({ x }) => tf.prod(x!, [0, 2]) },
  squaredDifference: {
    inputs: { a: [3, 4], b: [3, 4] },
    op: ({ a, b }) => tf.squaredDifference(a!, b!),
  },
  'slice, concat and pad': {
    inputs: { a: [3, 4], b: [3, 2] },
    op: ({ a, b }) =>
      tf.pad(tf.concat([tf.slice(a!, [0, 1], [3, 2]), b!], 1), [
        [1, 0],
        [0, 2],
      ]),
  },
  'split, stack and transpose': {
    inputs: { x: [2, 6] },
    op: ({ x }) => tf.transpose(tf.stack(tf.split(x!, 3, 1), 0), [2, 0, 1]),
  },
  'tile and mean': { inputs: { x: [2, 3] }, op: ({ x }) => tf.mean(tf.tile(x!, [2, 3]), 0) },
  'batch normalization': {
    inputs: { x: [4, 3], scale: [3], offset: [3] },
    op: ({ x, scale, offset }) => tf.batchNorm(x!, tf.zeros([3]), tf.ones([3]), offset as never, scale as never, 1e-3),
  },
};

describe('gradients (torch)', () => {
  whereItRuns('torch', () => {
    const made = (inputs: Case['inputs']): Params =>
      Object.fromEntries(Object.entries(inputs).map(([name, shape]) => [name, randomInput(name, shape)]));
    const lossOf = (op: Case['op']) => (inputs: Params) => {
      const y = op(inputs);
      // Every element of the gradient gets a weight of its own.
      const weights = tf.add(tf.mul(spread(y.shape), 2.5 / y.size), -1);
      return tf.sum(tf.mul(y, weights)) as Scalar;
    };

    it.each(Object.entries(CASES))('%s: as differences say', async (_, { inputs, op }) => {
      await activateBackend('torch');
      tf.tidy(() => expectGradients(lossOf(op), made(inputs)));
    });

    it.each(Object.entries(CASES))('%s: as on the cpu backend', async (_, { inputs, op }) => {
      const results: Float32Array[][] = [];
      for (const backend of ['cpu', 'torch'] as const) {
        await activateBackend(backend);
        tf.tidy(() => {
          const given = made(inputs);
          const { loss, grads } = valueAndGrads(() => ({ loss: lossOf(op)(given) }), given);
          results.push(
            [loss, ...Object.keys(inputs).map((name) => grads[name]!)].map((x) => x.dataSync() as Float32Array),
          );
        });
      }
      tf.tidy(() => results[1]!.forEach((actual, i) => expectClose(tf.tensor1d(actual), results[0]![i]!, 2e-6)));
    });
  });
});
