import type { TapData, TapValues } from '@hastejs/plugin-api';
import { type HostTensor, type Tensor3D, type Tensor4D, paramsFromHost } from '@hastejs/tensor';

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
