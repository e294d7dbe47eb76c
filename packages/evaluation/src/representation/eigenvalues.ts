// n rows and columns.

/** A QR sweep that needs more has met numbers that are none. */
const MOST_SWEEPS = 60;

/**
 * Eigenvalues of a symmetric matrix, without vectors: Householder reflections to tridiagonal form (Golub and Van Loan, 8.3),
 * then QL with implicit shifts. ⁴⁄₃·n³ operations, a tenth of a decomposition with vectors.
 * @param matrix_nn row-major; not changed.
 * @returns ascending, in float64; NaN when the matrix has an entry that is not finite.
 */
export function symmetricEigenvalues(matrix_nn: Float64Array, n: number): Float64Array {
  if (!matrix_nn.every(Number.isFinite)) return new Float64Array(n).fill(NaN);
  const { diagonal_n, beside_n } = tridiagonal(Float64Array.from(matrix_nn), n);
  implicitQl(diagonal_n, beside_n);
  return diagonal_n.sort();
}

interface Tridiagonal {
  readonly diagonal_n: Float64Array;
  /** beside_n[i] couples i and i + 1; the last is 0. */
  readonly beside_n: Float64Array;
}

/** Reflects one column after another, from the first, onto its neighbour of the diagonal. Overwrites a. */
function tridiagonal(a: Float64Array, n: number): Tridiagonal {
  const beside_n = new Float64Array(n);
  const [v, p] = [new Float64Array(n), new Float64Array(n)];
  for (let k = 0; k < n - 1; k++) {
    let norm = 0;
    for (let i = k + 1; i < n; i++) norm = Math.hypot(norm, (v[i] = a[i * n + k]!));
    const alpha = v[k + 1]! > 0 ? -norm : norm;
    beside_n[k] = alpha;
    v[k + 1]! -= alpha;
    let length = 0;
    for (let i = k + 1; i < n; i++) length += v[i]! ** 2;
    if (length > 0) reflect(a, n, k + 1, v, p, 2 / length);
  }
  return { diagonal_n: Float64Array.from({ length: n }, (_, i) => a[i * n + i]!), beside_n };
}

/** A ← H·A·H with H = 1 − β·v·vᵀ, on the rows and columns from `from`: A − v·wᵀ − w·vᵀ, w = β·A·v − ½·β²·(vᵀAv)·v. */
function reflect(a: Float64Array, n: number, from: number, v: Float64Array, p: Float64Array, beta: number): void {
  let inner = 0;
  for (let i = from; i < n; i++) {
    let sum = 0;
    for (let j = from; j < n; j++) sum += a[i * n + j]! * v[j]!;
    p[i] = beta * sum;
    inner += p[i]! * v[i]!;
  }
  for (let i = from; i < n; i++) p[i]! -= 0.5 * beta * inner * v[i]!;
  for (let i = from; i < n; i++) {
    const [vi, wi] = [v[i]!, p[i]!];
    for (let j = from; j < n; j++) a[i * n + j]! -= vi * p[j]! + wi * v[j]!;
  }
}

/** QL with Wilkinson's shift; couplings that no longer count against their neighbours split the matrix. */
function implicitQl(d: Float64Array, e: Float64Array): void {
  const n = d.length;
  for (let first = 0; first < n; first++) {
    for (let sweep = 0; ; sweep++) {
      let last = first;
      while (last < n - 1 && Math.abs(e[last]!) > Number.EPSILON * (Math.abs(d[last]!) + Math.abs(d[last + 1]!)))
        last++;
      if (last === first) break;
      if (sweep === MOST_SWEEPS) return void d.fill(NaN);
      sweepQl(d, e, first, last);
    }
  }
}

/** One sweep of rotations from `last` up to `first`. */
function sweepQl(d: Float64Array, e: Float64Array, first: number, last: number): void {
  const half = (d[first + 1]! - d[first]!) / (2 * e[first]!);
  const root = Math.hypot(half, 1);
  let g = d[last]! - d[first]! + e[first]! / (half + (half >= 0 ? root : -root));
  let [sine, cosine, p] = [1, 1, 0];
  for (let i = last - 1; i >= first; i--) {
    const f = sine * e[i]!;
    const b = cosine * e[i]!;
    const r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      // The matrix splits here: this sweep ends, the next begins below.
      d[i + 1]! -= p;
      e[last] = 0;
      return;
    }
    [sine, cosine] = [f / r, g / r];
    g = d[i + 1]! - p;
    const t = (d[i]! - g) * sine + 2 * cosine * b;
    p = sine * t;
    d[i + 1] = g + p;
    g = cosine * t - b;
  }
  d[first]! -= p;
  e[first] = g;
  e[last] = 0;
}
