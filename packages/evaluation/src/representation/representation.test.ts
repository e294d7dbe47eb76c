import { rng } from '@hastejs/tensor';
import { EigenvalueDecomposition, Matrix, SingularValueDecomposition } from 'ml-matrix';
import { linearCka } from './cka.js';
import { cknna, mutualNeighbours } from './cknna.js';
import { effectiveRank } from './effective-rank.js';
import { symmetricEigenvalues } from './eigenvalues.js';
import { linearProbe } from './linear-probe.js';
import { nearestNeighbours } from './neighbours.js';

const rows = (seed: number, N: number, width: number) => ({ rows_ND: rng(seed).normal(N * width), width });

describe('eigenvalues', () => {
  it.each([1, 2, 3, 17, 60])('are those of a decomposition with vectors (%i)', (n) => {
    const raw = Matrix.from1DArray(n, n, [...rng(n).normal(n * n)]);
    const matrix = Matrix.add(raw, raw.transpose());
    const expected = new EigenvalueDecomposition(matrix, { assumeSymmetric: true }).realEigenvalues.sort(
      (a, b) => a - b,
    );
    const found = symmetricEigenvalues(Float64Array.from(matrix.to1DArray()), n);
    found.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 10));
  });

  it('survive zeros, repeated values and a diagonal', () => {
    expect([...symmetricEigenvalues(new Float64Array(9), 3)]).toEqual([0, 0, 0]);
    expect([...symmetricEigenvalues(Float64Array.of(2, 0, 0, 0, -1, 0, 0, 0, 2), 3)]).toEqual([-1, 2, 2]);
    expect([...symmetricEigenvalues(Float64Array.of(1, NaN, NaN, 1), 2)]).toEqual([NaN, NaN]);
  });
});

describe('effective rank', () => {
  it.each([
    [40, 6],
    [6, 40],
  ])('is the entropy of the singular values (%i rows of width %i)', (N, D) => {
    const { rows_ND, width } = rows(3, N, D);
    const matrix = Matrix.from1DArray(N, D, [...rows_ND]).center('column');
    const { diagonal } = new SingularValueDecomposition(matrix, { autoTranspose: true });
    const total = diagonal.reduce((sum, value) => sum + value, 0);
    const p = diagonal.map((value) => value / total).filter((value) => value > 1e-12);
    const expected = Math.exp(-p.reduce((sum, value) => sum + value * Math.log(value), 0));
    expect(effectiveRank({ rows_ND, width })).toBeCloseTo(expected, 6);
  });

  it('counts directions: one, two equal ones, none', () => {
    expect(effectiveRank({ rows_ND: [1, 2, 3, 2, 4, 6, 3, 6, 9], width: 3 })).toBeCloseTo(1, 10);
    expect(effectiveRank({ rows_ND: [1, 0, 5, -1, 0, 5, 0, 1, 5, 0, -1, 5], width: 3 })).toBeCloseTo(2, 10);
    expect(effectiveRank({ rows_ND: [1, 2, 1, 2], width: 2 })).toBe(0);
    expect(effectiveRank({ rows_ND: [1, NaN, 1, 2], width: 2 })).toBeNaN();
    expect(() => effectiveRank({ rows_ND: [1, 2], width: 2 })).toThrow('One row spans no space');
  });
});

describe('feature spaces', () => {
  const a = rows(1, 60, 8);
  it('that are turned and scaled have the same neighbours', () => {
    const turned = { rows_ND: a.rows_ND.map((_, at) => 3 * a.rows_ND[at - (at % 8) + ((at + 3) % 8)]!), width: 8 };
    const [near, other] = [nearestNeighbours(a, 10), nearestNeighbours(turned, 10)];
    expect(cknna(near, other)).toBeCloseTo(1, 3);
    expect(mutualNeighbours(near, other)).toBe(1);
    expect(linearCka(a, turned)).toBeCloseTo(1, 3);
  });

  it('that are unrelated are not alike', () => {
    const b = rows(2, 60, 8);
    expect(cknna(nearestNeighbours(a, 10), nearestNeighbours(b, 10))).toBeLessThan(0.2);
    expect(Math.abs(linearCka(a, b, { unbiased: true }))).toBeLessThan(0.1);
  });

  it('must be of the same images', () => {
    expect(() => cknna(nearestNeighbours(a, 5), nearestNeighbours(a, 4))).toThrow('cannot be compared');
    expect(() => nearestNeighbours(rows(1, 5, 8), 5)).toThrow('5 rows cannot have 5 neighbours each');
    expect(() => nearestNeighbours({ rows_ND: [1, 2, 3], width: 2 }, 1)).toThrow('no rows of width 2');
    expect(() => linearCka(a, rows(1, 59, 8))).toThrow('60 and 59 rows');
  });
});

describe('linear probe', () => {
  /** Class c lies around a corner of its own; `noise` of the distance between corners. */
  const labelled = (seed: number, N: number, width: number, noise: number) => {
    const labels_N = Int32Array.from({ length: N }, (_, i) => i % 3);
    const rows_ND = rng(seed).normal(N * width).map((v, at) => noise * v + (at % width === labels_N[Math.floor(at / width)] ? 1 : 0)); // prettier-ignore
    return { rows_ND, width, labels_N };
  };

  it.each([
    [90, 5],
    [30, 50],
  ])('reads classes that lie apart, with %i rows of width %i', (N, D) => {
    expect(linearProbe(labelled(1, N, D, 0.02), labelled(2, 60, D, 0.02), { classes: 3 })).toBeGreaterThan(0.95);
    const guessed = linearProbe(labelled(1, N, D, 1e3), labelled(2, 300, D, 1e3), { classes: 3 });
    expect(guessed).toBeGreaterThan(0.15);
    expect(guessed).toBeLessThan(0.55);
  });

  it('is the same whichever side is solved for', () => {
    // The width is padded with constant directions, which carry nothing, beyond the number of rows.
    const [fit, held] = [labelled(1, 40, 6, 0.6), labelled(2, 200, 6, 0.6)];
    const padded = ({ rows_ND, labels_N }: typeof fit) => {
      const wide = Float64Array.from({ length: labels_N.length * 50 }, (_, at) => (at % 50 < 6 ? rows_ND[Math.floor(at / 50) * 6 + (at % 50)]! : 7)); // prettier-ignore
      return { rows_ND: wide, width: 50, labels_N };
    };
    const narrow = linearProbe(fit, held, { classes: 3 });
    expect(narrow).toBeGreaterThan(0.5);
    expect(linearProbe(padded(fit), padded(held), { classes: 3 })).toBe(narrow);
  });

  it('refuses what cannot be fitted', () => {
    const fit = labelled(1, 30, 5, 0.1);
    expect(() => linearProbe(fit, labelled(1, 30, 6, 0.1), { classes: 3 })).toThrow('30 of width 6');
    expect(() => linearProbe({ ...fit, rows_ND: fit.rows_ND.map(() => NaN) }, fit, { classes: 3 })).toThrow(
      'not a finite',
    );
  });
});
