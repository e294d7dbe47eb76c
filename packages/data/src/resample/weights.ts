import type { Filter } from './filters.js';

/** Fixed point: 8 bits of pixel, 22 of fraction, 2 of headroom for filters that overshoot. */
export const FRACTION_BITS = 22;

/** For each output position, the input positions it reads and their fixed-point weights. */
export interface Weights {
  /** First input position, per output position. */
  readonly first: Int32Array;
  /** Number of input positions, per output position. */
  readonly count: Int32Array;
  /** Weights of 22 fraction bits; those of output position i start at i · stride. */
  readonly weights: Int32Array;
  readonly stride: number;
}

/** A run of output positions: [start, start + length). */
export interface Span {
  readonly start: number;
  readonly length: number;
}

/**
 * Weights that resample a line of `from` pixels to `to` pixels, for the output positions of `span` only. When shrinking, the
 * filter is widened by the scale, which is what keeps fine patterns from aliasing.
 */
export function resampleWeights(from: number, to: number, filter: Filter, span: Span): Weights {
  const scale = from / to;
  const widen = Math.max(1, scale);
  const support = filter.support * widen;
  const stride = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(span.length);
  const count = new Int32Array(span.length);
  const weights = new Int32Array(span.length * stride);
  for (let i = 0; i < span.length; i++) {
    const center = (span.start + i + 0.5) * scale;
    const low = Math.max(0, Math.trunc(center - support + 0.5));
    const high = Math.min(from, Math.trunc(center + support + 0.5));
    first[i] = low;
    count[i] = high - low;
    const exact = Array.from({ length: high - low }, (_, k) => filter.weight((low + k - center + 0.5) * (1 / widen)));
    const sum = exact.reduce((total, weight) => total + weight, 0);
    exact.forEach((weight, k) => (weights[i * stride + k] = toFixed(sum === 0 ? weight : weight / sum)));
  }
  return { first, count, weights, stride };
}

/** Rounds half away from zero. */
function toFixed(weight: number): number {
  return Math.trunc(weight * 2 ** FRACTION_BITS + (weight < 0 ? -0.5 : 0.5));
}
