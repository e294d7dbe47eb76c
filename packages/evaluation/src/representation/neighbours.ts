// N rows, D width, k neighbours of each.
import { HasteError } from '@hastejs/plugin-api';

/** Features of N images in host memory, row after row. */
export interface FeatureRows {
  readonly rows_ND: ArrayLike<number>;
  /** D */
  readonly width: number;
}

/** The k rows that are most like each row, itself left out. */
export interface Neighbours {
  readonly count: number;
  readonly k: number;
  /** [N·k], the most similar first; of equally similar ones the lower index. */
  readonly indices_Nk: Int32Array;
  /** Cosine to each of them, [N·k]. */
  readonly similarities_Nk: Float64Array;
}

/**
 * Neighbours by cosine, in float64, so that which rows are neighbours depends on no backend. O(N²·D) time, O(N·k) memory.
 * @throws HasteError SHAPE_MISMATCH for fewer than k + 1 rows.
 */
export function nearestNeighbours({ rows_ND, width: D }: FeatureRows, k: number): Neighbours {
  const N = countRows({ rows_ND, width: D });
  if (N <= k) throw tooFewRows(N, k);
  const unit_ND = unitRows({ rows_ND, width: D });
  const indices_Nk = new Int32Array(N * k);
  const similarities_Nk = new Float64Array(N * k);
  const row_N = new Float64Array(N);
  for (let i = 0; i < N; i++) {
    for (let j = 0; j < N; j++) row_N[j] = dot(unit_ND, i * D, j * D, D);
    row_N[i] = -Infinity;
    largest(row_N, indices_Nk.subarray(i * k, (i + 1) * k), similarities_Nk.subarray(i * k, (i + 1) * k));
  }
  return { count: N, k, indices_Nk, similarities_Nk };
}

/** @throws HasteError SHAPE_MISMATCH when the numbers make no whole rows. */
export function countRows({ rows_ND, width }: FeatureRows): number {
  const N = rows_ND.length / width;
  if (Number.isInteger(N)) return N;
  throw new HasteError('SHAPE_MISMATCH', {
    what: `${rows_ND.length} numbers are no rows of width ${width}.`,
    where: 'features',
    fix: 'Give the width of the features with them.',
  });
}

/** Rows of length 1; a row of zeros stays one. */
export function unitRows({ rows_ND, width: D }: FeatureRows): Float64Array {
  const unit_ND = Float64Array.from(rows_ND);
  for (let at = 0; at < unit_ND.length; at += D) {
    const norm = Math.sqrt(dot(unit_ND, at, at, D)) || 1;
    for (let d = 0; d < D; d++) unit_ND[at + d]! /= norm;
  }
  return unit_ND;
}

/** ⟨x[a…a+D], x[b…b+D]⟩ */
export function dot(x: Float64Array, a: number, b: number, D: number): number {
  let sum = 0;
  for (let d = 0; d < D; d++) sum += x[a + d]! * x[b + d]!;
  return sum;
}

/** Fills in the largest values with their places, by insertion: k is small. */
function largest(values_N: Float64Array, indices_k: Int32Array, values_k: Float64Array): void {
  const k = indices_k.length;
  values_k.fill(-Infinity);
  for (let j = 0; j < values_N.length; j++) {
    const value = values_N[j]!;
    if (!(value > values_k[k - 1]!)) continue;
    let place = k - 1;
    for (; place > 0 && values_k[place - 1]! < value; place--) {
      values_k[place] = values_k[place - 1]!;
      indices_k[place] = indices_k[place - 1]!;
    }
    values_k[place] = value;
    indices_k[place] = j;
  }
}

function tooFewRows(N: number, k: number): HasteError {
  return new HasteError('SHAPE_MISMATCH', {
    what: `${N} row${N === 1 ? '' : 's'} cannot have ${k} neighbours each.`,
    where: 'nearestNeighbours',
    fix: `Take at least ${k + 1} rows; hundreds, for a value that means something.`,
  });
}
