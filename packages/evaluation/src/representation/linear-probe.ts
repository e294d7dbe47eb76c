// N rows, D width, C classes.
import { HasteError } from '@hastejs/plugin-api';
import { cholesky, solveCholesky } from './cholesky.js';
import { gram, meanRow, transposed } from './gram.js';
import { type FeatureRows, countRows } from './neighbours.js';

export interface LabelledRows extends FeatureRows {
  /** Class of each row, [N]. */
  readonly labels_N: ArrayLike<number>;
}

export interface ProbeOptions {
  /** Number of classes. */
  readonly classes: number;
  /** Weight decay, in units of the mean variance over all rows. */
  readonly ridge?: number;
}

/**
 * How well a linear classifier on top of frozen features does: ridge regression onto ±1 for each class, in closed form, so
 * that nothing is drawn and nothing depends on a learning rate. Features are standardised by the rows that are fitted.
 * Float64; O(N·D·m + m³) with m = min(N, D).
 * @returns accuracy on `held`, in [0, 1].
 * @throws HasteError SHAPE_MISMATCH for features of different widths or without rows, LOSS_NOT_FINITE when one is not a number.
 */
export function linearProbe(fitted: LabelledRows, held: LabelledRows, { classes, ridge = 1e-2 }: ProbeOptions): number {
  const { width: D } = fitted;
  const [N, M] = [countRows(fitted), countRows(held)];
  if (held.width !== D || N < 2 || M < 1) throw unusable(`${N} rows of width ${D} and ${M} of width ${held.width}`);
  const standardise = standardiserOf(fitted);
  const X_ND = standardise(fitted.rows_ND);
  if (!X_ND.every(Number.isFinite)) throw notFinite();
  const share_C = classShares(fitted.labels_N, classes);
  const Y_NC = Float64Array.from({ length: N * classes }, (_, at) => {
    const c = at % classes;
    return (fitted.labels_N[Math.floor(at / classes)] === c ? 1 : 0) - share_C[c]!;
  });
  const W_DC = solveRidge(X_ND, Y_NC, N, ridge);
  const scores_MC = product(standardise(held.rows_ND), W_DC, M).map((score, at) => score + share_C[at % classes]!);
  let right = 0;
  for (let i = 0; i < M; i++) {
    if (argmax(scores_MC.subarray(i * classes, (i + 1) * classes)) === held.labels_N[i]) right++;
  }
  return right / M;
}

/** (XᵀX + λ)⁻¹·XᵀY, or Xᵀ·(XXᵀ + λ)⁻¹·Y where there are fewer rows than directions: the same W, [D·C]. */
function solveRidge(X_ND: Float64Array, Y_NC: Float64Array, N: number, ridge: number): Float64Array {
  const D = X_ND.length / N;
  const X_DN = transposed(X_ND, N);
  const byRows = N < D;
  const side = byRows ? N : D;
  const system = byRows ? gram(X_ND, N) : gram(X_DN, D);
  for (let i = 0; i < side; i++) system[i * side + i]! += ridge * N;
  const factor = cholesky(system, side);
  return byRows ? product(X_DN, solveCholesky(factor, Y_NC, N), D) : solveCholesky(factor, product(X_DN, Y_NC, D), D);
}

/** Directions in which the fitted rows do not differ become 0. */
function standardiserOf({ rows_ND, width: D }: FeatureRows): (rows: ArrayLike<number>) => Float64Array {
  const mean_D = meanRow(rows_ND, D);
  const squares = Float64Array.from(rows_ND, (value, at) => (value - mean_D[at % D]!) ** 2);
  const scale_D = meanRow(squares, D).map((variance) => (variance > 0 ? 1 / Math.sqrt(variance) : variance));
  return (rows) => Float64Array.from(rows, (value, at) => (value - mean_D[at % D]!) * scale_D[at % D]!);
}

function classShares(labels_N: ArrayLike<number>, classes: number): Float64Array {
  const share_C = new Float64Array(classes);
  for (let i = 0; i < labels_N.length; i++) share_C[labels_N[i]!]! += 1 / labels_N.length;
  return share_C;
}

/** A·B of `rows` rows, row-major. */
function product(a: Float64Array, b: Float64Array, rows: number): Float64Array {
  const inner = a.length / rows;
  const columns = b.length / inner;
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < inner; k++) {
      const left = a[i * inner + k]!;
      for (let j = 0; j < columns; j++) out[i * columns + j]! += left * b[k * columns + j]!;
    }
  }
  return out;
}

const argmax = (values: Float64Array): number => values.reduce((best, v, c) => (v > values[best]! ? c : best), 0);

function unusable(given: string): HasteError {
  return new HasteError('SHAPE_MISMATCH', {
    what: `A linear probe cannot be fitted and judged on ${given}.`,
    where: 'linearProbe',
    fix: 'Give both sets features of the same width, with at least two rows to fit and one to judge.',
  });
}

function notFinite(): HasteError {
  return new HasteError('LOSS_NOT_FINITE', {
    what: 'A feature of an image is not a finite number.',
    where: 'linearProbe',
    fix: 'Look at the run: a student that has diverged has no features.',
  });
}
