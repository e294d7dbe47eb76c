// T patch tokens, P prefix tokens, N = P + T, D width, d = D / heads.
import type { TokenGrid } from '@hastejs/plugin-api';
import type { Activation } from '../layers/activation.js';

/**
 * Everything that shapes a vision transformer: DINO, DINOv2, DINOv3, CLIP, SigLIP, MAE, I-JEPA, MoCo v3 and timm's are
 * points of this space. Tokens are always in the order class, registers, patches.
 */
export interface VitSpec {
  /** D, divisible by `numHeads`. */
  readonly hiddenSize: number;
  readonly depth: number;
  readonly numHeads: number;
  readonly patchSize: number;
  readonly channels: number;
  /** Grid of the images, `grid × patchSize` pixels; a position table is for this grid. */
  readonly grid: TokenGrid;
  readonly classToken: boolean;
  /** Register tokens (Darcet et al. 2024). */
  readonly registers: number;
  readonly positions: Positions;
  readonly patchBias: boolean;
  /** A layer norm between the embedding and the first block (CLIP). */
  readonly preNorm: boolean;
  /** Which of queries, keys and values have a bias. One that lacks it is stored as zeros beside the others. */
  readonly qkvBias: QkvBias;
  readonly feedForward: FeedForward;
  /** LayerScale's initial value; null: the model has none. */
  readonly layerScale: number | null;
  readonly eps: number;
  /** The layer norm over all tokens after the last block. */
  readonly finalNorm: boolean;
  readonly pooling: Pooling;
  /** A layer norm on the pooled vector (timm's fc_norm). */
  readonly poolNorm: boolean;
  /** Width of the linear layer without bias that follows pooling (CLIP's shared space); null: there is none. */
  readonly projection: number | null;
}

/** What shapes a stack of blocks, of an image or a text encoder. */
export type BlockSpec = Pick<
  VitSpec,
  'hiddenSize' | 'depth' | 'numHeads' | 'qkvBias' | 'feedForward' | 'layerScale' | 'eps'
>;

export type Positions =
  /**
   * A table [1, prefix + T, D], learned or fixed. `prefix` tells how many of the leading tokens have a row of it: none, the
   * class token, or the class token and all registers.
   */
  | { readonly kind: 'table'; readonly prefix: number }
  /** Rotary angles of patch tokens in every block's queries and keys (DINOv3, see rotary.ts). */
  | { readonly kind: 'rotary'; readonly theta: number };

export interface QkvBias {
  readonly query: boolean;
  readonly key: boolean;
  readonly value: boolean;
}

/** `hidden` is the width between the two linears; SwiGLU's first linear is twice as wide. */
export type FeedForward =
  | { readonly kind: 'mlp'; readonly hidden: number; readonly gelu: Activation }
  | { readonly kind: 'swiglu'; readonly hidden: number };

/**
 * What one vector stands for an image: the final class token, the mean of the final patch tokens, a learned query's
 * attention over them (SigLIP's head, an MLP of `hidden` after it), or nothing.
 */
export type Pooling =
  | { readonly kind: 'class' | 'mean' | 'none' }
  | { readonly kind: 'attention'; readonly hidden: number; readonly gelu: Activation };

/** Class and register tokens, which come before the patch tokens. */
export const prefixTokens = ({ classToken, registers }: Pick<VitSpec, 'classToken' | 'registers'>): number =>
  (classToken ? 1 : 0) + registers;

export const FULL_BIAS: QkvBias = { query: true, key: true, value: true };

/** Whether any of queries, keys and values has a bias, so that there is a fused one. */
export const hasQkvBias = ({ qkvBias: { query, key, value } }: Pick<VitSpec, 'qkvBias'>): boolean =>
  query || key || value;

/**
 * A spec with DINOv2's choices where nothing else is said: class token with a position, no registers, exact GELU, MLP
 * ratio 4, LayerScale from 1e-5, eps 1e-6, biases everywhere, final norm, the class token as pooled output.
 */
export function vitSpec(
  size: Pick<VitSpec, 'hiddenSize' | 'depth' | 'numHeads' | 'patchSize' | 'grid'> & Partial<VitSpec>,
): VitSpec {
  return {
    channels: 3,
    classToken: true,
    registers: 0,
    positions: { kind: 'table', prefix: size.classToken === false ? 0 : 1 },
    patchBias: true,
    preNorm: false,
    qkvBias: FULL_BIAS,
    feedForward: { kind: 'mlp', hidden: 4 * size.hiddenSize, gelu: 'erf' },
    layerScale: 1e-5,
    eps: 1e-6,
    finalNorm: true,
    pooling: { kind: size.classToken === false ? 'mean' : 'class' },
    poolNorm: false,
    projection: null,
    ...size,
  };
}

/** Width of DINOv2's SwiGLU: two thirds of the MLP's, rounded up to a multiple of 8. */
export function swigluHidden(hiddenSize: number, mlpRatio = 4): number {
  return Math.ceil(Math.floor((hiddenSize * mlpRatio * 2) / 3) / 8) * 8;
}
