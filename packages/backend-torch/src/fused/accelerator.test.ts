import { activateBackend, whereItRuns } from '#support/backends.js';
import { expectClose, randomInput } from '#support/op-check.js';
import {
  type Params,
  type Scalar,
  type Tensor,
  type Tensor3D,
  type Tensor4D,
  adamwUpdate,
  attention,
  embedding,
  emaUpdate,
  gatedAdd,
  gelu,
  globalNorm,
  layerNormModulate,
  tf,
  valueAndGrads,
} from '@hastejs/tensor';
import { registerKernels } from '../kernels/register.js';
import { BACKEND_NAME, started } from '../start.js';
import { onAccelerator } from './index.js';

const [B, T, D] = [2, 5, 12];

/** What the kernels for accelerators compute, from operators that the processor has, too. */
const OPS: Record<string, (p: Params) => Tensor> = {
  'layer norm with modulation': ({ x, a, b }) => layerNormModulate(x as Tensor3D, a!, b!),
  'gated add': ({ x, a, y }) => gatedAdd(x as Tensor3D, a!, y as Tensor3D),
  'gelu by tanh': ({ x }) => gelu(x!, 'tanh'),
  'gelu by erf': ({ x }) => gelu(x!, 'erf'),
  'attention, heads of 8': ({ q, k, v }) => attention(q as Tensor4D, k as Tensor4D, v as Tensor4D),
  // What CUDA's operators load at once does not fit into such heads.
  'attention, heads of 6': ({ q, k, v }) => attention(narrow(q!), narrow(k!), narrow(v!)),
  embedding: ({ table }) => embedding(table!, tf.tensor1d([3, 1, 3], 'int32')),
};

const narrow = (x: Tensor): Tensor4D => tf.slice(x as Tensor4D, [0, 0, 0, 1], [-1, -1, -1, 6]);

const make = (): Params => ({
  q: randomInput('q', [B, 3, T, 8]),
  k: randomInput('k', [B, 3, T + 2, 8]),
  v: randomInput('v', [B, 3, T + 2, 8]),
  x: randomInput('x', [B, T, D]),
  y: randomInput('y', [B, T, D]),
  a: randomInput('a', [B, D]),
  b: randomInput('b', [B, D]),
  table: randomInput('table', [4, D]),
});

const values = (tensors: Params): Record<string, Float32Array> =>
  Object.fromEntries(Object.entries(tensors).map(([name, x]) => [name, x.dataSync().slice() as Float32Array]));

function differentiate(op: (p: Params) => Tensor): Record<string, Float32Array> {
  const params = make();
  const { loss, aux, grads } = valueAndGrads(() => {
    const y = op(params);
    return { loss: tf.sum(tf.mul(y, tf.sin(y))) as Scalar, aux: y };
  }, params);
  return values({ ...grads, loss, aux });
}

function optimize(): Record<string, Float32Array> {
  const zeros = () => ({ x: tf.zeros([B, T, D]), a: tf.zeros([B, D]) });
  const { x, a, y, b } = make();
  const rates = { beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.1, lr: tf.scalar(0.1) };
  let state = { params: { x: x!, a: a! } as Params, m: zeros() as Params, v: zeros() as Params };
  for (let step = 0; step < 3; step++) {
    state = adamwUpdate({ ...state, grads: { x: y!, a: b! }, ...rates, count: tf.scalar(step + 1) });
  }
  const ema = emaUpdate(zeros(), state.params, 0.9);
  return { ...values(state.params), ...values({ norm: globalNorm(state.params), ema: ema['x']! }) };
}

/** Replaces the CPU's kernels by those for accelerators; of attention, only libtorch's operator is another one there. */
async function activateForAccelerators(): Promise<void> {
  await activateBackend('torch');
  for (const set of onAccelerator) {
    for (const name of Object.keys(set(started()!))) tf.unregisterKernel(name, BACKEND_NAME);
  }
  registerKernels(BACKEND_NAME, started()!, onAccelerator);
}

describe('kernels for accelerators', () => {
  whereItRuns('torch', () => {
    it.each(Object.entries(OPS))('agree with those for the processor: %s', async (_, op) => {
      await activateBackend('torch');
      const expected = differentiate(op);
      await activateForAccelerators();
      const found = differentiate(op);
      expect(Object.keys(found)).toEqual(Object.keys(expected));
      for (const [name, data] of Object.entries(expected)) expectClose(tf.tensor1d(found[name]!), data, 2e-6, name);
    });

    it('agree with those for the processor: optimizer, average and norm', async () => {
      await activateBackend('torch');
      const expected = optimize();
      await activateForAccelerators();
      const found = optimize();
      for (const [name, data] of Object.entries(expected)) expectClose(tf.tensor1d(found[name]!), data, 2e-6, name);
    });

    it('give attention in bf16 where linear layers compute in it', async () => {
      const backend = await activateBackend('torch');
      await activateForAccelerators();
      const expected = differentiate(OPS['attention, heads of 8']!);
      const found = backend.compute!('bf16', () => differentiate(OPS['attention, heads of 8']!));
      for (const name of ['aux', 'q', 'k', 'v']) {
        expect([...found[name]!]).not.toEqual([...expected[name]!]);
        expectClose(tf.tensor1d(found[name]!), expected[name]!, 3e-2, name);
      }
    });
  });
});
