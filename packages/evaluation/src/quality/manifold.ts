// N and M rows, D width.
import { HasteError } from '@hastejs/plugin-api';
import { type FeatureRows, countRows } from '../representation/neighbours.js';

/** A set of features with a ball around each: where images of this kind are. */
export interface Manifold extends FeatureRows {
  /** Squared distance of each row to its k-th nearest neighbour, itself left out. [N] */
  readonly radii_N: Float64Array;
}

export interface PrecisionRecall {
  /** Share of generated images inside the manifold of the real ones: how good they are. */
  readonly precision: number;
  /** Share of real images inside the manifold of the generated ones: how much is covered. */
  readonly recall: number;
  /** The smallest relative distance of any image to being counted otherwise. */
  readonly margin: number;
}

/**
 * The k-nearest-neighbour manifold of Kynkäänniemi et al. 2019. Float64; O(N²·D) time, O(N) memory beside the features.
 * @throws HasteError SHAPE_MISMATCH for fewer than k + 1 rows.
 */
export function manifoldOf(features: FeatureRows, k = 3): Manifold {
  const N = countRows(features);
  if (N <= k) {
    throw new HasteError('SHAPE_MISMATCH', {
      what: `${N} images have no ${k}-th neighbour.`,
      where: 'manifoldOf',
      fix: `Take at least ${k + 1} images; thousands, for a value that means something.`,
    });
  }
  const { rows_ND, width } = features;
  const radii_N = new Float64Array(N);
  const row_N = new Float64Array(N);
  for (let i = 0; i < N; i++) {
    for (let j = 0; j < N; j++) row_N[j] = distance(rows_ND, i, rows_ND, j, width);
    row_N[i] = -1;
    radii_N[i] = Float64Array.from(row_N).sort()[k]!;
  }
  return { ...features, radii_N };
}

/**
 * Precision and recall of generated images (Kynkäänniemi et al. 2019). An image on the edge of a ball is inside. O(N·M·D).
 * @throws HasteError SHAPE_MISMATCH for features of different widths.
 */
export function precisionRecall(real: Manifold, generated: Manifold): PrecisionRecall {
  if (real.width !== generated.width) {
    throw new HasteError('SHAPE_MISMATCH', {
      what: `Features of width ${real.width} and of width ${generated.width} cannot be compared.`,
      where: 'precisionRecall',
      fix: 'Take both with the same classifier.',
    });
  }
  const precision = insideness(generated, real);
  const recall = insideness(real, generated);
  const share = (ratios: Float64Array) => ratios.filter((ratio) => ratio <= 1).length / ratios.length;
  const margin = [...precision, ...recall].reduce((least, ratio) => Math.min(least, Math.abs(ratio - 1)), Infinity);
  return { precision: share(precision), recall: share(recall), margin };
}

/** For each row, the least squared distance to a centre in units of its squared radius: inside means at most 1. */
function insideness({ rows_ND, width }: FeatureRows, manifold: Manifold): Float64Array {
  const N = rows_ND.length / width;
  return Float64Array.from({ length: N }, (_, i) => {
    let least = Infinity;
    manifold.radii_N.forEach((radius, j) => {
      const apart = distance(rows_ND, i, manifold.rows_ND, j, width);
      least = Math.min(least, apart === 0 ? 0 : apart / radius);
    });
    return least;
  });
}

/** Squared Euclidean distance of row i of a to row j of b. */
function distance(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number, D: number): number {
  let sum = 0;
  for (let d = 0; d < D; d++) sum += (a[i * D + d]! - b[j * D + d]!) ** 2;
  return sum;
}
