// N rows, D width.
import { HasteError } from '@hastejs/plugin-api';
import { symmetricEigenvalues } from './eigenvalues.js';
import { gram, meanRow, transposed } from './gram.js';
import { type FeatureRows, countRows } from './neighbours.js';

/**
 * Effective rank (Roy and Vetterli 2007): exp of the entropy of the singular values of the centred features, scaled to sum
 * to one. Between 1 (all features on a line) and min(N − 1, D) (spread evenly over all directions); a fall says that the
 * features collapse. Float64; O(N·D·m + m³) with m = min(N, D).
 * @returns 0 when all rows are the same, NaN when a feature is not finite.
 * @throws HasteError SHAPE_MISMATCH for fewer than two rows.
 */
export function effectiveRank(features: FeatureRows): number {
  const { rows_ND, width: D } = features;
  const N = countRows(features);
  if (N < 2) {
    throw new HasteError('SHAPE_MISMATCH', {
      what: 'One row spans no space.',
      where: 'effectiveRank',
      fix: 'Take two rows or more; more than the width, for a rank that the features limit and not their number.',
    });
  }
  const mean_D = meanRow(rows_ND, D);
  const centred_ND = Float64Array.from(rows_ND, (value, at) => value - mean_D[at % D]!);
  const side = Math.min(N, D);
  const squares = symmetricEigenvalues(gram(D < N ? transposed(centred_ND, N) : centred_ND, side), side);
  // Below this an eigenvalue is rounding, whose root would count as a direction.
  const floor = squares.reduce((most, value) => Math.max(most, value), 0) * side * Number.EPSILON;
  const singular = squares.map((value) => (value > floor ? Math.sqrt(value) : value <= floor ? 0 : NaN));
  const total = singular.reduce((sum, value) => sum + value, 0);
  if (total === 0) return 0;
  return Math.exp(
    -singular.reduce((sum, value) => sum + (value === 0 ? 0 : (value / total) * Math.log(value / total)), 0),
  );
}
