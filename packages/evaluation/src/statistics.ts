// N rows, D width of the features.
import { HasteError } from '@hastejs/plugin-api';

/** First and second moments of features. */
export interface Moments {
  /** Number of rows they were taken over. */
  readonly count: number;
  /** [D] */
  readonly mean_D: Float64Array;
  /** [D·D], row-major, symmetric, divided by count − 1 as numpy's `cov` does. */
  readonly covariance_DD: Float64Array;
}

/**
 * Mean and covariance of features that come batch by batch, in float64. Batches are merged by their own means (Chan, Golub
 * and LeVeque 1979), so that nothing is lost where the mean is large against the spread. O(N·D²) time, O(D²) memory.
 */
export class FeatureStatistics {
  private count = 0;
  private readonly mean_D: Float64Array;
  /** Upper triangle of Σ (x − mean)(x − mean)ᵀ. */
  private readonly scatter_DD: Float64Array;

  /** @param width D */
  constructor(readonly width: number) {
    this.mean_D = new Float64Array(width);
    this.scatter_DD = new Float64Array(width * width);
  }

  /**
   * @param rows_ND features one after the other, N·D numbers.
   * @throws HasteError SHAPE_MISMATCH when the rows are of another width, LOSS_NOT_FINITE when a feature is not a number.
   */
  add(rows_ND: ArrayLike<number>): void {
    const N = rows_ND.length / this.width;
    if (!Number.isInteger(N)) throw ofAnotherWidth(rows_ND.length, this.width);
    if (N === 0) return;
    const batch_D = meanOf(rows_ND, N, this.width);
    if (!batch_D.every(Number.isFinite)) throw notFinite();
    const together = this.count + N;
    const apart_D = batch_D.map((value, i) => value - this.mean_D[i]!);
    this.scatter(rows_ND, N, batch_D);
    this.outer(apart_D, (this.count * N) / together);
    for (let i = 0; i < this.width; i++) this.mean_D[i]! += (apart_D[i]! * N) / together;
    this.count = together;
  }

  /** @throws HasteError DATA_EMPTY with fewer than two rows, which have no covariance. */
  moments(): Moments {
    const { count, width: D } = this;
    if (count < 2) throw tooFew(count);
    const covariance_DD = new Float64Array(D * D);
    for (let i = 0; i < D; i++) {
      for (let j = i; j < D; j++) {
        covariance_DD[i * D + j] = covariance_DD[j * D + i] = this.scatter_DD[i * D + j]! / (count - 1);
      }
    }
    return { count, mean_D: this.mean_D.slice(), covariance_DD };
  }

  private scatter(rows_ND: ArrayLike<number>, N: number, mean_D: Float64Array): void {
    const centred_D = new Float64Array(this.width);
    for (let n = 0; n < N; n++) {
      for (let i = 0; i < this.width; i++) centred_D[i] = rows_ND[n * this.width + i]! - mean_D[i]!;
      this.outer(centred_D, 1);
    }
  }

  /** scatter += weight · v·vᵀ */
  private outer(v_D: Float64Array, weight: number): void {
    const { width: D, scatter_DD } = this;
    for (let i = 0; i < D; i++) {
      const left = weight * v_D[i]!;
      for (let j = i; j < D; j++) scatter_DD[i * D + j]! += left * v_D[j]!;
    }
  }
}

function meanOf(rows_ND: ArrayLike<number>, N: number, D: number): Float64Array {
  const sum_D = new Float64Array(D);
  for (let at = 0; at < N * D; at++) sum_D[at % D]! += rows_ND[at]!;
  return sum_D.map((sum) => sum / N);
}

function ofAnotherWidth(length: number, width: number): HasteError {
  return new HasteError('SHAPE_MISMATCH', {
    what: `${length} numbers are no rows of width ${width}.`,
    where: 'FeatureStatistics.add',
    fix: 'Give features of the classifier that the statistics were begun for.',
  });
}

function notFinite(): HasteError {
  return new HasteError('LOSS_NOT_FINITE', {
    what: 'A feature of an image is not a finite number.',
    where: 'FeatureStatistics.add',
    fix: 'Look at the images: samples of a model that has diverged are not numbers any more.',
  });
}

function tooFew(count: number): HasteError {
  return new HasteError('DATA_EMPTY', {
    what: `The covariance of ${count} image${count === 1 ? '' : 's'} does not exist.`,
    where: 'FeatureStatistics.moments',
    fix: 'Take two images or more; thousands, for a distance that means something.',
  });
}
