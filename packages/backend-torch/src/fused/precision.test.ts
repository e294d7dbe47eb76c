import { activateBackend, whereItRuns } from '#support/backends.js';
import { expectClose, randomInput } from '#support/op-check.js';
import {
  type Params,
  type Scalar,
  type Tensor,
  type Tensor3D,
  attentionCrossEntropy,
  disposeParams,
  gatedAdd,
  gelu,
  layerNormModulate,
  linear,
  packedAttention,
  tappedAttention,
  tf,
  valueAndGrads,
} from '@hastejs/tensor';
import { started } from '../start.js';

const [B, T, D, H] = [2, 49, 96, 4];

/** Each computes a [B, T, …] tensor from inputs large enough for the matrix unit. */
const OPS: Record<string, (p: Params) => Tensor> = {
  linear: ({ x, weight, bias }) => linear(x!, weight!, bias),
  'linear of odd sizes': ({ x, weight, bias }) =>
    linear(tf.slice(x!, [0, 0, 0], [B, T, 91]), tf.slice(weight!, [0, 0], [131, 91]), tf.slice(bias!, 0, 131) as never),
  'packed attention': ({ x, weight, bias }) => packedAttention(linear(x!, weight!, bias) as Tensor3D, H),
  'attention loss': ({ x, weight, bias }) => {
    const { y_BTD, q_BHTd, k_BHTd } = tappedAttention(linear(x!, weight!, bias) as Tensor3D, H);
    const loss = attentionCrossEntropy({ q_BHTd, k_BHTd }, { q_BHTd: k_BHTd, k_BHTd: q_BHTd });
    return tf.add(y_BTD, loss);
  },
  'half of a block': ({ x, weight, bias, scale }) => {
    const shift = scale!;
    const inner = gelu(linear(layerNormModulate(x as Tensor3D, shift, scale!), weight!, bias), 'tanh');
    return gatedAdd(x as Tensor3D, scale!, tf.slice(inner, [0, 0, 0], [B, T, D]) as Tensor3D);
  },
};

const make = (): Params => ({
  x: randomInput('x', [B, T, D]),
  weight: randomInput('weight', [3 * D, D], D ** -0.5),
  bias: randomInput('bias', [3 * D]),
  scale: randomInput('scale', [B, D], 0.3),
});

/** Values and gradients of everything, on the host. */
function run(op: (p: Params) => Tensor): Record<string, Float32Array> {
  const params = make();
  const { loss, aux, grads } = valueAndGrads(() => {
    const y = op(params);
    return { loss: tf.mean(tf.square(y)) as Scalar, aux: y };
  }, params);
  const entries = [['value', aux] as const, ...Object.entries(grads)];
  const result = Object.fromEntries(entries.map(([name, tensor]) => [name, tensor.dataSync().slice() as Float32Array]));
  tf.dispose([loss, aux, grads]);
  disposeParams(params);
  return result;
}

/** Largest difference, relative to the largest magnitude. */
function distance(a: Float32Array, b: Float32Array): number {
  const magnitude = b.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-30);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0) / magnitude;
}

describe('precisions of the torch backend', () => {
  whereItRuns('torch', () => {
    it.each(Object.entries(OPS))('high is within 2⁻¹⁵ of highest: %s', async (_, op) => {
      await activateBackend('torch', { matmul: 'highest' });
      const highest = run(op);
      await activateBackend('torch', { matmul: 'high' });
      const high = run(op);
      for (const [name, values] of Object.entries(highest))
        expect(distance(high[name]!, values)).toBeLessThan(2 ** -15);
    });

    it.each(Object.entries(OPS))('bf16 is within 3%% of float32, and is not float32: %s', async (_, op) => {
      const backend = await activateBackend('torch');
      const full = run(op);
      const half = backend.compute!('bf16', () => run(op));
      const distances = Object.entries(full).map(([name, values]) => distance(half[name]!, values));
      expect(Math.max(...distances)).toBeLessThan(0.03);
      expect(Math.max(...distances)).toBeGreaterThan(1e-4);
    });

    it.each(Object.entries(OPS))('of our own operators, two threads give the bits of one: %s', async (_, op) => {
      await activateBackend('torch', { matmul: 'high', threads: 1 });
      const one = run(op);
      await activateBackend('torch', { matmul: 'high', threads: 2 });
      const two = run(op);
      await activateBackend('torch');
      expect(two).toEqual(one);
    });

    it('leaves the policy behind when what it computes throws', async () => {
      const backend = await activateBackend('torch');
      const fails = () => {
        throw new Error('no');
      };
      expect(() => backend.compute!('bf16', fails)).toThrow('no');
      expect(started()!.precision).toBe('float32');
    });

    it('gives float32 gradients of parameters, whatever the activations are', async () => {
      const backend = await activateBackend('torch');
      const params = make();
      const { loss, grads } = backend.compute!('bf16', () =>
        valueAndGrads(() => ({ loss: tf.mean(tf.square(OPS['linear']!(params))) as Scalar }), params),
      );
      const FLOAT32 = 6;
      expect(started()!.data(grads['weight']!).dtype).toBe(FLOAT32);
      expect(started()!.data(grads['bias']!).dtype).toBe(FLOAT32);
      tf.dispose([loss, grads]);
      disposeParams(params);
    });

    it('rounds a parameter anew after the optimizer wrote it', async () => {
      const backend = await activateBackend('torch');
      const weight = tf.ones([64, 64]);
      const x = tf.ones([64, 64]);
      const product = () => backend.compute!('bf16', () => linear(x, weight));
      expectClose(product(), new Float32Array(64 * 64).fill(64), 1e-6);
      started()!.forgetHalf(started()!.data(weight));
      const scale = started()!.operator<number>('aten::mul_', 'Scalar');
      started()!.dispose(scale(started()!.handle(weight), 2));
      expectClose(product(), new Float32Array(64 * 64).fill(128), 1e-6);
    });
  });
});
