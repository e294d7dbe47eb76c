// N rows, k neighbours of each.
import { HasteError } from '@hastejs/plugin-api';
import type { Neighbours } from './neighbours.js';

/** Of the published implementation: keeps the ratio finite where a kernel vanishes. */
const EPS = 1e-6;

/** The entries of two masked kernels that are not masked, by i·N + j. */
type Entries = ReadonlyMap<number, readonly [K: number, L: number]>;

/**
 * Centred kernel nearest-neighbour alignment (Huh et al. 2024, The Platonic Representation Hypothesis; REPA measures students
 * with it): CKA that looks only at pairs of rows that are near each other in both feature spaces,
 *
 *     HSIC(m∘K, m∘L) / √(HSIC(mK∘K, mK∘K)·HSIC(mL∘L, mL∘L)),   m = mK∘mL,
 *
 * with K and L the cosines within each space, masks of the k nearest neighbours, and the unbiased HSIC. 1 for the same
 * neighbourhoods, around 0 for unrelated ones. O(N·k): the neighbours are what costs.
 * @param a neighbours of the rows in one space.
 * @param b neighbours of the same rows in the other, with the same k.
 * @throws HasteError SHAPE_MISMATCH when they are not.
 */
export function cknna(a: Neighbours, b: Neighbours): number {
  refuseOthers(a, b);
  const across = hsic(shared(a, b), a.count);
  return across / (Math.sqrt(hsic(shared(a, a), a.count) * hsic(shared(b, b), b.count)) + EPS);
}

/** Share of neighbours that a row has in both spaces, mean over rows, in [0, 1] (Huh et al. 2024). */
export function mutualNeighbours(a: Neighbours, b: Neighbours): number {
  refuseOthers(a, b);
  return shared(a, b).size / (a.count * a.k);
}

/** Pairs that are neighbours in both spaces, with their similarity in each. */
function shared(a: Neighbours, b: Neighbours): Entries {
  const entries = new Map<number, readonly [number, number]>();
  for (let i = 0; i < a.count; i++) {
    const inB = new Map<number, number>();
    for (let at = i * b.k; at < (i + 1) * b.k; at++) inB.set(b.indices_Nk[at]!, b.similarities_Nk[at]!);
    for (let at = i * a.k; at < (i + 1) * a.k; at++) {
      const j = a.indices_Nk[at]!;
      const L = inB.get(j);
      if (L !== undefined) entries.set(i * a.count + j, [a.similarities_Nk[at]!, L]);
    }
  }
  return entries;
}

/**
 * Unbiased HSIC (Song et al. 2012, equation 4) of two sparse kernels with empty diagonals. Neighbourhood is not mutual, so
 * they are not symmetric: row sums of the one meet column sums of the other.
 */
function hsic(entries: Entries, N: number): number {
  const [columnsK, rowsL] = [new Float64Array(N), new Float64Array(N)];
  let [trace, sumK, sumL] = [0, 0, 0];
  for (const [at, [K, L]] of entries) {
    const [i, j] = [Math.floor(at / N), at % N];
    trace += K * (entries.get(j * N + i)?.[1] ?? 0);
    columnsK[j]! += K;
    rowsL[i]! += L;
    sumK += K;
    sumL += L;
  }
  const product = columnsK.reduce((sum, column, i) => sum + column * rowsL[i]!, 0);
  return (trace + (sumK * sumL) / ((N - 1) * (N - 2)) - (2 * product) / (N - 2)) / (N * (N - 3));
}

function refuseOthers(a: Neighbours, b: Neighbours): void {
  if (a.count === b.count && a.k === b.k && a.count > 3) return;
  throw new HasteError('SHAPE_MISMATCH', {
    what: `${a.k} neighbours of ${a.count} rows and ${b.k} of ${b.count} cannot be compared.`,
    where: 'cknna',
    fix: 'Take both feature spaces on the same images, four or more, with the same number of neighbours.',
  });
}
