// B batch, T tokens, D width, H heads, d head size.
import type { QueryKey, TapValues, TokenGrid } from '@hastejs/plugin-api';
import { resampleTokens } from '@hastejs/models';
import { type Tensor, type Tensor3D, type Tensor4D, tf } from '@hastejs/tensor';
import type { HeadMap } from './alignment-plan.js';

export function tapTensors(values: TapValues): (Tensor3D | Tensor4D)[] {
  return [
    ...values.tokens.values(),
    ...[...values.attention.values()].flatMap(({ q_BHTd, k_BHTd }) => [q_BHTd, k_BHTd]),
  ];
}

/** Taps with every tensor replaced. */
export function mapTaps(values: TapValues, f: <T extends Tensor>(x: T) => T): TapValues {
  return {
    tokens: new Map([...values.tokens].map(([site, x_BTD]) => [site, f(x_BTD)])),
    attention: new Map(
      [...values.attention].map(([site, { q_BHTd, k_BHTd }]) => [site, { q_BHTd: f(q_BHTd), k_BHTd: f(k_BHTd) }]),
    ),
  };
}

/** The mapped heads of one side, in the map's order. A leading run of heads is a slice, which costs no gather. */
export function selectHeads({ q_BHTd, k_BHTd }: QueryKey, map: HeadMap, side: 0 | 1): QueryKey {
  const heads = map.map((pair) => pair[side]);
  const leading = heads.every((head, index) => head === index);
  if (leading && heads.length === q_BHTd.shape[1]) return { q_BHTd, k_BHTd };
  const pick = (x: Tensor4D): Tensor4D =>
    leading
      ? tf.slice(x, [0, 0, 0, 0], [x.shape[0], heads.length, x.shape[2], x.shape[3]])
      : tf.concat(
          heads.map((head) => tf.slice(x, [0, head, 0, 0], [x.shape[0], 1, x.shape[2], x.shape[3]])),
          1,
        );
  return { q_BHTd: pick(q_BHTd), k_BHTd: pick(k_BHTd) };
}

/** Logits are bilinear in q and k, so resampling k, then q, resamples the map along keys, then queries: no T×T needed. */
export function resampleAttention({ q_BHTd, k_BHTd }: QueryKey, from: TokenGrid, to: TokenGrid): QueryKey {
  const resample = (x: Tensor4D): Tensor4D => {
    const [B, H, T, d] = x.shape;
    const y = resampleTokens(tf.reshape(x, [B * H, T, d]), from, to);
    return tf.reshape(y, [B, H, to.height * to.width, d]);
  };
  return { k_BHTd: resample(k_BHTd), q_BHTd: resample(q_BHTd) };
}
