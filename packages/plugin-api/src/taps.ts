import type { Tensor3D, Tensor4D } from '@hastejs/tensor';

// B batch, T patch tokens, D width, H heads, d head size.

/** A block (0-based; its output for tokens, its own attention for attention), or the model's final normalised tokens. */
export type TokenSite = number | 'final';

/** What to take from a forward pass. Nothing else is kept, and a model with no taps runs its fused path. */
export interface Taps {
  /** Blocks whose output tokens are wanted. */
  readonly tokens: readonly TokenSite[];
  /** Blocks whose queries and keys are wanted. */
  readonly attention: readonly number[];
}

export const NO_TAPS: Taps = { tokens: [], attention: [] };

/** Queries and keys before scaling; logits are q·kᵀ·d^−½. They are taken after any QK norm or rotary embedding. */
export interface QueryKey {
  readonly q_BHTd: Tensor4D;
  readonly k_BHTd: Tensor4D;
}

/** The tensors of the taps asked for, by site. Patch tokens only, row-major over the spec's grid. */
export interface TapValues {
  readonly tokens: ReadonlyMap<TokenSite, Tensor3D>;
  readonly attention: ReadonlyMap<number, QueryKey>;
}
