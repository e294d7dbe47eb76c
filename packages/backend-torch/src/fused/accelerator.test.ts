import { activateBackend, whereItRuns } from '#support/backends.js';
import { expectClose, randomInput } from '#support/op-check.js';
import {
  type Params,
  type Scalar,
  type Tensor,
  type Tensor3D,
  adamwUpdate,
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
import { attentionKernelsCuda } from './attention-cuda.js';

const [B, T, D] = [2, 5, 12];

/** What the kernels for accelerators compute, from operators that the processor has, too. */
const OPS: Record<string, (p: Params) => Tensor> = {
  'layer norm with modulation': ({ x, a, b }) => layerNormModulate(x as Tensor3D, a!, b!),
  'gated add': ({ x, a, y }) => gatedAdd(x as Tensor3D, a!, y as Tensor3D),
  'gelu by tanh': ({ x }) => gelu(x!, 'tanh'),
  'gelu by erf': ({ x }) => gelu(x!, 'erf'),
  embedding: ({ table }) => embedding(table!, tf.tensor1d([3, 1, 3], 'int32')),
};

const make = (): Params => ({
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

/** Replaces the CPU's kernels by those for accelerators; what needs CUDA is left out. */
async function activateForAccelerators(): Promise<void> {
  await activateBackend('torch');
  const sets = onAccelerator.filter((set) => set !== attentionKernelsCuda);
  for (const set of sets) {
    for (const name of Object.keys(set(started()!))) tf.unregisterKernel(name, BACKEND_NAME);
  }
  registerKernels(BACKEND_NAME, started()!, sets);
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

    it("name operators of CUDA's attention that this libtorch has", async () => {
      await activateBackend('torch');
      expect(Object.keys(attentionKernelsCuda(started()!))).toEqual(['HasteAttention', 'HasteAttentionGrad']);
    });
  });
});
