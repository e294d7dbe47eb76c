// The fused kernels against the compositions they replace, on sizes that cross blocks, tiles and vectors.
import { activateBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { expectClose, randomInput } from '#support/op-check.js';
import {
  type Params,
  type Scalar,
  type Tensor,
  attention,
  attentionCrossEntropy,
  gatedAdd,
  gelu,
  layerNorm,
  layerNormModulate,
  linear,
  rng,
  silu,
  tf,
  valueAndGrads,
} from '@hastejs/tensor';

const [B, H, T, D, d] = [2, 2, 131, 45, 20];
const tokens = { x: [B, T, D] };
const heads = { q: [B, H, T, d], k: [B, H, T, d] };

type Op = (inputs: Record<string, never>) => Tensor;
const CASES: Record<string, { shapes: Record<string, number[]>; op: Op }> = {
  linear: { shapes: { x: [B, T, D], w: [37, D], b: [37] }, op: ({ x, w, b }) => linear(x!, w!, b) },
  layerNorm: {
    shapes: { ...tokens, weight: [D], bias: [D] },
    op: ({ x, ...affine }) => layerNorm(x!, { ...affine, eps: 1e-5 }),
  },
  layerNormModulate: {
    shapes: { ...tokens, shift: [B, D], scale: [B, D] },
    op: ({ x, shift, scale }) => layerNormModulate(x!, shift!, scale!),
  },
  gatedAdd: { shapes: { ...tokens, gate: [B, D], y: [B, T, D] }, op: ({ x, gate, y }) => gatedAdd(x!, gate!, y!) },
  'gelu tanh': { shapes: tokens, op: ({ x }) => gelu<Tensor>(x!, 'tanh') },
  'gelu erf': { shapes: tokens, op: ({ x }) => gelu<Tensor>(x!, 'erf') },
  silu: { shapes: tokens, op: ({ x }) => silu<Tensor>(x!) },
  attention: { shapes: { ...heads, v: [B, H, T, d] }, op: ({ q, k, v }) => attention(q!, k!, v!) },
  attentionCrossEntropy: {
    shapes: heads,
    op: ({ q, k }) => {
      const teacher = { q_BHTd: randomInput('qt', [B, H, T, 12]), k_BHTd: randomInput('kt', [B, H, T, 12]) };
      return attentionCrossEntropy({ q_BHTd: q!, k_BHTd: k! }, teacher as never);
    },
  },
};

/** Value of the op and its gradients under random output weights. */
function evaluate(op: Op, inputs: Params): Tensor[] {
  const { loss, aux, grads } = valueAndGrads(() => {
    const y = op(inputs as never);
    const weights = tf.tensor(rng(3).normal(y.size), y.shape);
    return { loss: tf.sum(tf.mul(y, weights)) as Scalar, aux: y };
  }, inputs);
  loss.dispose();
  return [aux, ...Object.keys(inputs).map((name) => grads[name]!)];
}

/** Runs f without our kernels, so that ops fall back on their compositions. */
function withoutKernels<R>(f: () => R): R {
  const kernels = tf.getKernelsForBackend('wasm').filter(({ kernelName }) => kernelName.startsWith('Haste'));
  expect(kernels.length).toBeGreaterThan(15);
  for (const { kernelName } of kernels) tf.unregisterKernel(kernelName, 'wasm');
  try {
    return f();
  } finally {
    for (const kernel of kernels) tf.registerKernel(kernel);
  }
}

describe('fused kernels on wasm', () => {
  beforeAll(() => activateBackend('wasm'));

  it.each(Object.entries(CASES))('%s agrees with its composition', (_, { shapes, op }) => {
    const inputs = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, randomInput(name, shape)]));
    expectNoLeaks(() => {
      const fused = evaluate(op, inputs);
      const composed = withoutKernels(() => evaluate(op, inputs));
      fused.forEach((tensor, i) =>
        expectClose(tensor, composed[i]!.dataSync(), 3e-6, i ? Object.keys(shapes)[i - 1] : 'value'),
      );
      return [...fused, ...composed];
    });
    tf.dispose(inputs);
  });

  it('show NaN where NaN goes in', () => {
    tf.tidy(() => {
      const x = tf.tensor3d([1, NaN, 3, 4, 5, 6], [1, 2, 3]);
      for (const op of [(t: typeof x) => gelu(t, 'tanh'), (t: typeof x) => gelu(t, 'erf'), silu<typeof x>]) {
        expect(Number.isNaN(op(x).dataSync()[1])).toBe(true);
      }
      const head = tf.reshape(x, [1, 1, 2, 3]) as never;
      expect(attention(head, head, head).dataSync().some(Number.isNaN)).toBe(true);
    });
  });
});
