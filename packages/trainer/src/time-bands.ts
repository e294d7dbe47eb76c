// B batch, b samples of a band, T tokens, D width, H heads, d head size.
import type { TimeBand } from '@hastejs/core';
import type { QueryKey } from '@hastejs/plugin-api';
import { type Tensor, type Tensor3D, type Tensor4D, tf } from '@hastejs/tensor';

/** The samples of a batch whose times lie in one band. */
export interface BandSamples {
  /** f · b/B: what the band's mean loss counts in the mean over the batch. */
  readonly weight: number;
  /** Which samples, in order; null when it is all of them. */
  readonly indices: Int32Array | null;
}

/**
 * Deals a batch to the bands of time that its samples lie in; a sample on a border belongs to the lower band. Bands that are
 * empty, or that count nothing, are left out, and their samples cost nothing.
 */
export function dealToBands(bands: readonly TimeBand[], t_B: ArrayLike<number>): BandSamples[] {
  const samples = bands.map((): number[] => []);
  for (let i = 0; i < t_B.length; i++) samples[bands.findIndex(({ until }) => t_B[i]! <= until)]!.push(i);
  return bands.flatMap(({ factor }, band) => {
    const own = samples[band]!;
    if (factor === 0 || own.length === 0) return [];
    const indices = own.length === t_B.length ? null : Int32Array.from(own);
    return [{ weight: (factor * own.length) / t_B.length, indices }];
  });
}

/** Tokens of the samples given, [b, T, D]. */
export function pickTokens(x_BTD: Tensor3D, indices: Int32Array | null): Tensor3D {
  return indices ? (gather(x_BTD, indices) as Tensor3D) : x_BTD;
}

/** Queries and keys of the samples given, [b, H, T, d]. */
export function pickQueryKey({ q_BHTd, k_BHTd }: QueryKey, indices: Int32Array | null): QueryKey {
  if (!indices) return { q_BHTd, k_BHTd };
  return { q_BHTd: gather(q_BHTd, indices) as Tensor4D, k_BHTd: gather(k_BHTd, indices) as Tensor4D };
}

const gather = (x: Tensor, indices: Int32Array): Tensor => tf.gather(x, tf.tensor1d(indices, 'int32'), 0);
