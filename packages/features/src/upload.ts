import type { TapData, TapValues } from '@hastejs/plugin-api';
import { type HostTensor, type Tensor3D, type Tensor4D, paramsFromHost, tf } from '@hastejs/tensor';

/** Puts taps on the backend as float32. The caller disposes them. */
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

/** The same values as tensors of their own, without a copy: what a teacher of kept features answers with. */
export function cloneTaps({ tokens, attention }: TapValues): TapValues {
  return {
    tokens: new Map([...tokens].map(([site, x_BTD]) => [site, tf.clone(x_BTD)])),
    attention: new Map(
      [...attention].map(([block, { q_BHTd, k_BHTd }]) => [
        block,
        { q_BHTd: tf.clone(q_BHTd), k_BHTd: tf.clone(k_BHTd) },
      ]),
    ),
  };
}
