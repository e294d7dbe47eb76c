// What backends are held against each other by. B batch, T tokens, D width, H heads, d head size.
import {
  type Params,
  type Tensor,
  attention,
  attentionCrossEntropy,
  embedding,
  gatedAdd,
  gelu,
  layerNorm,
  layerNormModulate,
  linear,
  negativeCosine,
  packedAttention,
  quickGelu,
  silu,
  tf,
} from '@hastejs/tensor';

/** Something computed from tensors; its value and all gradients are compared. */
export interface Computation {
  /** Shapes by name. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  // Each knows the ranks of its own inputs.
  of(inputs: Record<string, never>): Tensor;
}

const X_BTD = [2, 5, 8];
const Q_BHTd = [2, 2, 5, 4];

const OPS: Readonly<Record<string, Computation>> = {
  'matMul, in every orientation,': {
    inputs: { a: [2, 3, 4], b: [2, 4, 5] },
    of: ({ a, b }) => {
      const [at, bt] = [tf.transpose(a!, [0, 2, 1]), tf.transpose(b!, [0, 2, 1])];
      const plain = tf.add(tf.matMul(a!, b!), tf.matMul(at, b!, true));
      return tf.addN([plain, tf.matMul(a!, bt, false, true), tf.matMul(at, bt, true, true)]);
    },
  },
  'arithmetic with broadcasting': {
    inputs: { a: [2, 3, 4], b: [3, 1], c: [] },
    of: ({ a, b, c }) => tf.div(tf.sub(tf.mul(a!, b!), c!), tf.add(tf.square(b!), 2)),
  },
  'exp, log, sqrt, tanh, sin and sigmoid': {
    inputs: { a: [12] },
    of: ({ a }) => {
      const positive = tf.add(tf.square(a!), 0.5);
      return tf.addN([tf.exp(a!), tf.log(positive), tf.sqrt(positive), tf.tanh(a!), tf.sin(a!), tf.sigmoid(a!)]);
    },
  },
  'sums, means and maxima along axes': {
    inputs: { a: X_BTD },
    of: ({ a }) => tf.add(tf.add(tf.sum(a!, 1), tf.mean(a!, 1)), tf.max(a!, 1)),
  },
  'slice, concat, pad, reshape and transpose': {
    inputs: { a: X_BTD },
    of: ({ a }) => {
      const cut = tf.slice(a!, [0, 1, 2], [2, 3, 4]);
      const edges: [number, number][] = [
        [0, 0],
        [1, 0],
        [0, 2],
      ];
      return tf.reshape(tf.transpose(tf.pad(tf.concat([cut, tf.neg(cut)], 1), edges), [2, 0, 1]), [6, 14]);
    },
  },
  softmax: { inputs: { a: X_BTD }, of: ({ a }) => tf.softmax(a!) },
};

const FUSED: Readonly<Record<string, Computation>> = {
  'linear layers': { inputs: { x: X_BTD, w: [6, 8], b: [6] }, of: ({ x, w, b }) => linear(x!, w!, b!) },
  'layer norm': {
    inputs: { x: X_BTD, weight: [8], bias: [8] },
    of: ({ x, weight, bias }) => layerNorm(x!, { weight: weight!, bias: bias!, eps: 1e-5 }),
  },
  'layer norm with modulation': {
    inputs: { x: X_BTD, shift: [2, 8], scale: [2, 8] },
    of: ({ x, shift, scale }) => layerNormModulate(x!, shift!, scale!),
  },
  activations: {
    inputs: { x: X_BTD },
    of: ({ x }) => tf.addN<Tensor>([gelu(x!, 'tanh'), gelu(x!, 'erf'), quickGelu(x!), silu(x!)]),
  },
  'gated sums': {
    inputs: { x: X_BTD, gate: [2, 8], y: X_BTD },
    of: ({ x, gate, y }) => gatedAdd(x!, gate!, y!),
  },
  attention: { inputs: { q: Q_BHTd, k: Q_BHTd, v: Q_BHTd }, of: ({ q, k, v }) => attention(q!, k!, v!) },
  'attention of packed queries, keys and values': {
    inputs: { qkv: [2, 5, 24] },
    of: ({ qkv }) => packedAttention(qkv!, 2),
  },
  embedding: { inputs: { table: [4, 8] }, of: ({ table }) => embedding(table!, tf.tensor1d([3, 0, 3], 'int32')) },
  'the feature alignment loss': { inputs: { x: X_BTD, z: X_BTD }, of: ({ x, z }) => negativeCosine(x!, z!) },
  'the attention alignment loss': {
    inputs: { q: Q_BHTd, k: Q_BHTd, zq: [2, 2, 5, 3], zk: [2, 2, 5, 3] },
    // The teacher's side is a constant.
    of: ({ q, k, zq, zk }) => attentionCrossEntropy({ q_BHTd: q!, k_BHTd: k! }, { q_BHTd: zq!, k_BHTd: zk! }),
  },
};

/** Ops that a step of training is made of, by what they are called. */
export const COMPUTATIONS = { ...OPS, ...FUSED };

export const compute = ({ of }: Computation, inputs: Params): Tensor => of(inputs as never);
