// N rows, D width.

/** X·Xᵀ of N rows of width D, symmetric, [N·N]. O(N²·D). */
export function gram(rows_ND: Float64Array, N: number): Float64Array {
  const D = rows_ND.length / N;
  const out_NN = new Float64Array(N * N);
  for (let i = 0; i < N; i++) {
    for (let j = i; j < N; j++) {
      let sum = 0;
      for (let d = 0; d < D; d++) sum += rows_ND[i * D + d]! * rows_ND[j * D + d]!;
      out_NN[i * N + j] = out_NN[j * N + i] = sum;
    }
  }
  return out_NN;
}

/** [N, D] → [D, N] */
export function transposed(rows_ND: Float64Array, N: number): Float64Array {
  const D = rows_ND.length / N;
  const out_DN = new Float64Array(rows_ND.length);
  for (let i = 0; i < N; i++) for (let d = 0; d < D; d++) out_DN[d * N + i] = rows_ND[i * D + d]!;
  return out_DN;
}

/** Mean over rows, [D]. */
export function meanRow(rows_ND: ArrayLike<number>, D: number): Float64Array {
  const mean_D = new Float64Array(D);
  for (let at = 0; at < rows_ND.length; at++) mean_D[at % D]! += rows_ND[at]!;
  return mean_D.map((sum) => sum / (rows_ND.length / D));
}
