// B batch, T tokens, D width, N rows (all leading axes), I and O inputs and outputs of a layer, H heads, S keys, d and e
// head sizes.
import type { TensorInfo } from './tf.js';

type NoAttrs = Readonly<Record<never, never>>;

/** Inputs by name, attributes, and the outputs in the order in which a kernel returns them. */
interface Contract<
  Inputs extends string,
  Outputs extends readonly string[],
  Attrs = NoAttrs,
  Optional extends string = never,
> {
  readonly inputs: Readonly<Record<Inputs, TensorInfo>> & Readonly<Partial<Record<Optional, TensorInfo>>>;
  readonly attrs: Attrs;
  readonly outputs: Outputs;
}

/** Inputs that are lists of tensors, and single ones; as many outputs as the contract says. */
interface ListContract<Lists extends string, Singles extends string, Attrs = NoAttrs> {
  readonly inputs: Readonly<Record<Lists, readonly TensorInfo[]>> & Readonly<Record<Singles, TensorInfo>>;
  readonly attrs: Attrs;
  readonly outputs: readonly string[];
}

/**
 * The kernels that a backend may bring. Registered under these names (`tf.registerKernel`), each replaces the composition
 * of TensorFlow.js ops that serves every other backend; `…Grad` may be registered with or without its forward. All tensors
 * are float32 and dense unless stated. An op's gradient outputs are the gradients of its inputs, under their names; that of
 * an optional input is present exactly when the input is.
 */
export interface HasteKernels {
  /** out [..., O] = x [..., I]·weightᵀ [O, I] + bias [O]. */
  HasteLinear: Contract<'x' | 'weight', ['out'], NoAttrs, 'bias'>;
  /** dy [..., O]. */
  HasteLinearGrad: Contract<'dy' | 'x' | 'weight', ['x', 'weight', 'bias'], NoAttrs, 'bias'>;
  /** Over rows of x [..., D], biased variance: out = (x − mean)·rstd·weight [D] + bias [D]. mean, rstd [..., 1]. */
  HasteLayerNorm: Contract<'x', ['out', 'mean', 'rstd'], { readonly eps: number }, 'weight' | 'bias'>;
  HasteLayerNormGrad: Contract<
    'dy' | 'x' | 'mean' | 'rstd',
    ['x', 'weight', 'bias'],
    { readonly eps: number },
    'weight' | 'bias'
  >;
  /** out = (x − mean)·rstd·(1 + scale) + shift. x [B, T, D]; shift, scale [B, D]; mean, rstd [B, T, 1]. */
  HasteLayerNormModulate: Contract<'x' | 'shift' | 'scale', ['out', 'mean', 'rstd'], { readonly eps: number }>;
  HasteLayerNormModulateGrad: Contract<
    'dy' | 'x' | 'scale' | 'mean' | 'rstd',
    ['x', 'shift', 'scale'],
    { readonly eps: number }
  >;
  /** out = x + gate·y. x, y [B, T, D]; gate [B, D]. */
  HasteGatedAdd: Contract<'x' | 'gate' | 'y', ['out']>;
  HasteGatedAddGrad: Contract<'dy' | 'gate' | 'y', ['x', 'gate', 'y']>;
  /** GELU of any shape, by tanh or erf. */
  HasteGelu: Contract<'x', ['out'], { readonly form: 'tanh' | 'erf' }>;
  HasteGeluGrad: Contract<'dy' | 'x', ['x'], { readonly form: 'tanh' | 'erf' }>;
  /** x·sigmoid(x), any shape. */
  HasteSilu: Contract<'x', ['out']>;
  HasteSiluGrad: Contract<'dy' | 'x', ['x']>;
  /** out = softmax(q·kᵀ·d^−½)·v. q [B, H, T, d]; k, v [B, H, S, d]; lse [B, H, T, 1]: logsumexp of each row of logits. */
  HasteAttention: Contract<'q' | 'k' | 'v', ['out', 'lse']>;
  HasteAttentionGrad: Contract<'dy' | 'q' | 'k' | 'v' | 'out' | 'lse', ['q', 'k', 'v']>;
  /** Attention of queries, keys and values that lie side by side: qkv [B, T, 3·H·d], out [B, T, H·d], lse [B, H, T, 1]. */
  HastePackedAttention: Contract<'qkv', ['out', 'lse'], { readonly heads: number }>;
  HastePackedAttentionGrad: Contract<'dy' | 'qkv' | 'out' | 'lse', ['qkv'], { readonly heads: number }>;
  /** Queries and keys of qkv [B, T, n·H·d], of n = `parts` that lie side by side: q, k [B, H, T, d]. Views where it can. */
  HastePackedQueryKey: Contract<'qkv', ['q', 'k'], PackedParts>;
  /** The gradient of qkv from theirs: zeros in every other part. */
  HastePackedQueryKeyGrad: Contract<'q' | 'k', ['qkv'], PackedParts>;
  /** Scalar −mean Σ softmax(At)·logsoftmax(As), A = q·kᵀ·d^−½. Student qs, ks [B, H, T, d]; teacher qt, kt [B, H, T, e]. */
  HasteAttentionCrossEntropy: Contract<'qs' | 'ks' | 'qt' | 'kt', ['out']>;
  HasteAttentionCrossEntropyGrad: Contract<'dy' | 'qs' | 'ks' | 'qt' | 'kt' | 'out', ['qs', 'ks']>;
  /** Scalar −mean of cos(x, z) over rows, each norm at least 1e-12. x, z [B, T, D]. */
  HasteNegativeCosine: Contract<'x' | 'z', ['out']>;
  HasteNegativeCosineGrad: Contract<'dy' | 'x' | 'z', ['x']>;
  /** Rows of table [N, D] by int32 ids [B]: [B, D]. */
  HasteEmbedding: Contract<'table' | 'ids', ['out'], { readonly rows: number }>;
  HasteEmbeddingGrad: Contract<'dy' | 'ids', ['table'], { readonly rows: number }>;
  /**
   * One AdamW step (see adamwUpdate) of every parameter: all params, then all m, then all v. lr and count (of this step,
   * from 1) are scalars. May write in place where a buffer has no other owner.
   */
  HasteAdamW: ListContract<'params' | 'grads' | 'm' | 'v', 'lr' | 'count', AdamWAttrs>;
  /** ema·decay + params·(1 − decay), for every pair. May write in place like HasteAdamW. */
  HasteEma: ListContract<'ema' | 'params', never, { readonly decay: number }>;
  /** One scalar, √ Σ‖x‖² over all tensors. */
  HasteGlobalNorm: ListContract<'x', never>;
  /** x·factor for every tensor; factor is a scalar. May write in place like HasteAdamW. */
  HasteScale: ListContract<'x', 'factor'>;
}

export interface PackedParts {
  readonly heads: number;
  readonly parts: number;
}

export interface AdamWAttrs {
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
}

export type HasteKernelName = keyof HasteKernels;

/** The shape of a backend's implementation. Left-out optional outputs shorten the list. */
export type HasteKernel<N extends HasteKernelName> = (
  inputs: HasteKernels[N]['inputs'],
  attrs: HasteKernels[N]['attrs'],
) => TensorInfo[];
