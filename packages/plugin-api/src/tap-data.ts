// B rows, T patch tokens, D width, H heads, d head size.
import type { HostTensor } from '@hastejs/tensor';
import type { TokenSite } from './taps.js';

/** Taps in host memory, in the precision that they were kept in. */
export interface TapData {
  /** [B, T, D] by site. */
  readonly tokens: ReadonlyMap<TokenSite, HostTensor>;
  /** [B, H, T, d] each, by block. */
  readonly attention: ReadonlyMap<number, { readonly q_BHTd: HostTensor; readonly k_BHTd: HostTensor }>;
}
