// D width of the features.
import { HasteError } from '@hastejs/plugin-api';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { Moments } from './statistics.js';

/**
 * Squared Fréchet distance between the Gaussians with these moments (Dowson and Landau 1982; FID, Heusel et al. 2017):
 *
 *     ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2·(Σ₁^½ Σ₂ Σ₁^½)^½)
 *
 * The product is symmetric, so both roots come from symmetric eigen-decompositions and are real, also where a covariance is
 * singular. It is at least 0, symmetric up to rounding, and biased upwards by few images: compare equal counts only.
 * O(D³).
 * @throws HasteError SHAPE_MISMATCH for features of different widths.
 */
export function frechetDistance(a: Moments, b: Moments): number {
  const D = a.mean_D.length;
  if (b.mean_D.length !== D) throw ofDifferentWidths(D, b.mean_D.length);
  const [sigmaA, sigmaB] = [a, b].map(({ covariance_DD }) => Matrix.from1DArray(D, D, covariance_DD));
  const rootA = symmetricRoot(sigmaA!);
  const product = rootA.mmul(sigmaB!).mmul(rootA);
  const apart = a.mean_D.reduce((sum, value, i) => sum + (value - b.mean_D[i]!) ** 2, 0);
  const overlap = eigen(product).realEigenvalues.reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
  return Math.max(0, apart + sigmaA!.trace() + sigmaB!.trace() - 2 * overlap);
}

/** V·diag(√λ)·Vᵀ of a positive semi-definite matrix; eigenvalues below 0 are rounding. */
function symmetricRoot(matrix: Matrix): Matrix {
  const { eigenvectorMatrix: V, realEigenvalues } = eigen(matrix);
  const scaled = V.clone().mulRowVector(realEigenvalues.map((value) => Math.sqrt(Math.max(0, value))));
  return scaled.mmul(V.transpose());
}

/** What is left of asymmetry is rounding, and would send the decomposition down its general path. */
function eigen(matrix: Matrix): EigenvalueDecomposition {
  const symmetric = Matrix.add(matrix, matrix.transpose()).mul(0.5);
  return new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
}

function ofDifferentWidths(a: number, b: number): HasteError {
  return new HasteError('SHAPE_MISMATCH', {
    what: `Features of width ${a} and of width ${b} cannot be compared.`,
    where: 'frechetDistance',
    fix: 'Take both statistics with the same classifier.',
  });
}
