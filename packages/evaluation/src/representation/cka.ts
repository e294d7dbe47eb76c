// N rows, D width.
import { HasteError } from '@hastejs/plugin-api';
import { type FeatureRows, countRows, dot, unitRows } from './neighbours.js';

/** Of the published implementation. */
const EPS = 1e-6;

/** Sums over two symmetric kernels, and by row. */
interface KernelSums {
  /** ⟨K, L⟩, with and without the diagonal. */
  readonly product: { readonly whole: number; readonly off: number };
  readonly rowsK_N: Float64Array;
  readonly rowsL_N: Float64Array;
  readonly diagonalK_N: Float64Array;
  readonly diagonalL_N: Float64Array;
}

/**
 * Linear centred kernel alignment of rows scaled to length 1 (Kornblith et al. 2019): how alike the similarities within two
 * feature spaces are. In [0, 1] when biased; the unbiased one (Song et al. 2012) does not grow with the width, and may be
 * slightly negative. O(N²·D) time, O(N·D) memory: no kernel is kept.
 * @throws HasteError SHAPE_MISMATCH for different numbers of rows, or fewer than 4.
 */
export function linearCka(a: FeatureRows, b: FeatureRows, { unbiased = false } = {}): number {
  const [N, M] = [countRows(a), countRows(b)];
  if (N !== M || N < 4) throw notTheSame(N, M);
  const [x, y] = [a, b].map((rows) => ({ rows_ND: unitRows(rows), width: rows.width }));
  const value = (p: UnitRows, q: UnitRows) => (unbiased ? unbiasedHsic : biasedHsic)(sumsOf(p, q, N), N);
  return value(x!, y!) / (Math.sqrt(value(x!, x!) * value(y!, y!)) + EPS);
}

type UnitRows = { readonly rows_ND: Float64Array; readonly width: number };

function sumsOf(x: UnitRows, y: UnitRows, N: number): KernelSums {
  const zeros = () => new Float64Array(N);
  const [rowsK_N, rowsL_N, diagonalK_N, diagonalL_N] = [zeros(), zeros(), zeros(), zeros()];
  let [whole, off] = [0, 0];
  for (let i = 0; i < N; i++) {
    for (let j = 0; j < N; j++) {
      const K = dot(x.rows_ND, i * x.width, j * x.width, x.width);
      const L = dot(y.rows_ND, i * y.width, j * y.width, y.width);
      whole += K * L;
      if (i === j) [diagonalK_N[i], diagonalL_N[i]] = [K, L];
      else off += K * L;
      rowsK_N[i]! += K;
      rowsL_N[i]! += L;
    }
  }
  return { product: { whole, off }, rowsK_N, rowsL_N, diagonalK_N, diagonalL_N };
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
const inner = (a: Float64Array, b: Float64Array): number => a.reduce((total, value, i) => total + value * b[i]!, 0);

/** tr(K·H·L·H) with H = 1 − 1/N. */
function biasedHsic({ product, rowsK_N, rowsL_N }: KernelSums, N: number): number {
  return product.whole - (2 / N) * inner(rowsK_N, rowsL_N) + (sum(rowsK_N) * sum(rowsL_N)) / N ** 2;
}

function unbiasedHsic({ product, rowsK_N, rowsL_N, diagonalK_N, diagonalL_N }: KernelSums, N: number): number {
  const [rowsK, rowsL] = [rowsK_N.map((r, i) => r - diagonalK_N[i]!), rowsL_N.map((r, i) => r - diagonalL_N[i]!)];
  const means = (sum(rowsK) * sum(rowsL)) / ((N - 1) * (N - 2));
  return (product.off + means - (2 * inner(rowsK, rowsL)) / (N - 2)) / (N * (N - 3));
}

function notTheSame(N: number, M: number): HasteError {
  return new HasteError('SHAPE_MISMATCH', {
    what: `${N} and ${M} rows cannot be compared.`,
    where: 'linearCka',
    fix: 'Take both feature spaces on the same images, four or more.',
  });
}
