// n rows and columns, C right-hand sides.

/** Lower factor L with L·Lᵀ = A of a symmetric positive definite matrix, [n·n]. n³/3 operations; overwrites A. */
export function cholesky(a: Float64Array, n: number): Float64Array {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      a[i * n + j] = i === j ? Math.sqrt(sum) : sum / a[j * n + j]!;
    }
    a.fill(0, i * n + i + 1, (i + 1) * n);
  }
  return a;
}

/** X with L·Lᵀ·X = B, for B and X of n rows; overwrites B. */
export function solveCholesky(factor: Float64Array, b: Float64Array, n: number): Float64Array {
  const C = b.length / n;
  const eliminate = (i: number, k: number, weight: number) => {
    for (let c = 0; c < C; c++) b[i * C + c]! -= weight * b[k * C + c]!;
  };
  const divide = (i: number) => {
    for (let c = 0; c < C; c++) b[i * C + c]! /= factor[i * n + i]!;
  };
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) eliminate(i, k, factor[i * n + k]!);
    divide(i);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) eliminate(i, k, factor[k * n + i]!);
    divide(i);
  }
  return b;
}
