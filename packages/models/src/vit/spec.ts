import type { TokenGrid } from '@hastejs/plugin-api';
import type { GeluForm } from '@hastejs/tensor';

/** Everything that shapes a vision transformer of the DINOv2 layout. */
export interface VitSpec {
  /** D, divisible by `numHeads`. */
  readonly hiddenSize: number;
  readonly depth: number;
  readonly numHeads: number;
  readonly patchSize: number;
  readonly channels: number;
  /** Grid that the position table is for; images must be `grid × patchSize` pixels. */
  readonly grid: TokenGrid;
  /** Register tokens (Darcet et al. 2024), after the class token. */
  readonly registers: number;
  readonly feedForward: FeedForward;
  /** LayerScale's initial value; null: the model has none. */
  readonly layerScale: number | null;
  readonly eps: number;
}

/** `hidden` is the width between the two linears; SwiGLU's first linear is twice as wide. */
export type FeedForward =
  | { readonly kind: 'mlp'; readonly hidden: number; readonly gelu: GeluForm }
  | { readonly kind: 'swiglu'; readonly hidden: number };

/** Class and register tokens, which come before the patch tokens. */
export const prefixTokens = ({ registers }: Pick<VitSpec, 'registers'>): number => 1 + registers;

/** A spec with DINOv2's choices: exact GELU, MLP ratio 4, LayerScale from 1e-5, eps 1e-6, no registers. */
export function vitSpec(
  size: Pick<VitSpec, 'hiddenSize' | 'depth' | 'numHeads' | 'patchSize' | 'grid'> & Partial<VitSpec>,
): VitSpec {
  const feedForward: FeedForward = { kind: 'mlp', hidden: 4 * size.hiddenSize, gelu: 'erf' };
  return { channels: 3, registers: 0, feedForward, layerScale: 1e-5, eps: 1e-6, ...size };
}

/** Width of DINOv2's SwiGLU: two thirds of the MLP's, rounded up to a multiple of 8. */
export function swigluHidden(hiddenSize: number, mlpRatio = 4): number {
  return Math.ceil(Math.floor((hiddenSize * mlpRatio * 2) / 3) / 8) * 8;
}
