// T tokens, D width, K components.
import { rng } from '@hastejs/tensor';

export interface PrincipalComponents {
  /** [T, K], each component centred, the one that explains most first; its farthest token lies on the positive side. */
  readonly scores_TK: Float64Array;
  /** Share of the variance that each explains. */
  readonly explained_K: readonly number[];
}

/** Enough for a picture: components that are still mixed after so many steps explain nearly the same. */
const STEPS = 40;

/**
 * The first K principal components of tokens, by subspace iteration: X is multiplied with Xᵀ and K directions at a time, in
 * float64, 4·T·D·K operations a step.
 */
export function principalComponents(tokens_TD: Float32Array, D: number, K: number): PrincipalComponents {
  const X_TD = centred(tokens_TD, D);
  const total = X_TD.reduce((sum, value) => sum + value * value, 0);
  let basis = orthonormal(Float64Array.from(rng(0).normal(K * D)), D);
  for (let step = 0; step < STEPS; step++) basis = orthonormal(back(X_TD, project(X_TD, basis, D, K), D, K), D);
  const scores_TK = project(X_TD, basis, D, K);
  const T = X_TD.length / D;
  const explained = Array.from({ length: K }, (_, k) => {
    let [sum, farthest] = [0, 0];
    for (let t = 0; t < T; t++) {
      const score = scores_TK[t * K + k]!;
      sum += score * score;
      if (Math.abs(score) > Math.abs(farthest)) farthest = score;
    }
    if (farthest < 0) for (let t = 0; t < T; t++) scores_TK[t * K + k]! *= -1;
    return total > 0 ? sum / total : 0;
  });
  return { scores_TK, explained_K: explained };
}

function centred(tokens_TD: Float32Array, D: number): Float64Array {
  const T = tokens_TD.length / D;
  const mean = new Float64Array(D);
  tokens_TD.forEach((value, i) => (mean[i % D]! += value / T));
  return Float64Array.from(tokens_TD, (value, i) => value - mean[i % D]!);
}

/** X·Bᵀ: [T, D] and [K, D] → [T, K] */
function project(X_TD: Float64Array, basis_KD: Float64Array, D: number, K: number): Float64Array {
  const out_TK = new Float64Array((X_TD.length / D) * K);
  for (let i = 0; i < out_TK.length; i++) {
    const [row, direction] = [Math.floor(i / K) * D, (i % K) * D];
    let sum = 0;
    for (let d = 0; d < D; d++) sum += X_TD[row + d]! * basis_KD[direction + d]!;
    out_TK[i] = sum;
  }
  return out_TK;
}

/** Pᵀ·X: [T, K] and [T, D] → [K, D] */
function back(X_TD: Float64Array, scores_TK: Float64Array, D: number, K: number): Float64Array {
  const out_KD = new Float64Array(K * D);
  for (let i = 0; i < scores_TK.length; i++) {
    const [row, direction, score] = [Math.floor(i / K) * D, (i % K) * D, scores_TK[i]!];
    for (let d = 0; d < D; d++) out_KD[direction + d]! += score * X_TD[row + d]!;
  }
  return out_KD;
}

/** Gram–Schmidt over rows; one that vanishes (fewer directions than asked for) becomes zeros. */
function orthonormal(rows_KD: Float64Array, D: number): Float64Array {
  const rows = Array.from({ length: rows_KD.length / D }, (_, k) => rows_KD.subarray(k * D, (k + 1) * D));
  const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, d) => sum + value * b[d]!, 0);
  rows.forEach((row, k) => {
    const before = Math.sqrt(dot(row, row));
    for (const done of rows.slice(0, k)) {
      const along = dot(row, done);
      for (let d = 0; d < D; d++) row[d]! -= along * done[d]!;
    }
    const norm = Math.sqrt(dot(row, row));
    const scale = norm > 1e-12 * before && norm > 0 ? 1 / norm : 0;
    for (let d = 0; d < D; d++) row[d]! *= scale;
  });
  return rows_KD;
}
