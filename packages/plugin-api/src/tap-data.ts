// B rows, T patch tokens, D width, H heads, d head size.
import { type HostTensor, type Tensor3D, type Tensor4D, paramsFromHost } from '@hastejs/tensor';
import type { TapValues, TokenSite } from './taps.js';

/** Taps in host memory, in the precision that they were kept in. */
export interface TapData {
  /** [B, T, D] by site. */
  readonly tokens: ReadonlyMap<TokenSite, HostTensor>;
  /** [B, H, T, d] each, by block. */
  readonly attention: ReadonlyMap<number, { readonly q_BHTd: HostTensor; readonly k_BHTd: HostTensor }>;
}

/** Puts taps on the backend as float32: what a teacher with `needs: 'items'` answers with. Call it inside a tidy. */
export function uploadTaps({ tokens, attention }: TapData): TapValues {
  const upload = (tensor: HostTensor) => paramsFromHost({ tensor })['tensor']!;
  return {
    tokens: new Map([...tokens].map(([site, x]) => [site, upload(x) as Tensor3D])),
    attention: new Map(
      [...attention].map(([block, { q_BHTd, k_BHTd }]) => [
        block,
        { q_BHTd: upload(q_BHTd) as Tensor4D, k_BHTd: upload(k_BHTd) as Tensor4D },
      ]),
    ),
  };
}
