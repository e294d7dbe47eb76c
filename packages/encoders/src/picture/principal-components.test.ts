import { rng } from '@hastejs/tensor';
import { principalComponents } from './principal-components.js';

const [T, D] = [50, 6];
/** Tokens that vary along three orthogonal directions with standard deviations 5, 3 and 1, around a mean. */
function tokens(): { tokens_TD: Float32Array; factors: number[][] } {
  const [a, b, c] = [rng(1), rng(2), rng(3)].map((from) => [...from.normal(T)]) as [number[], number[], number[]];
  const tokens_TD = new Float32Array(T * D);
  for (let t = 0; t < T; t++) {
    const [x, y, z] = [5 * a[t]!, 3 * b[t]!, c[t]!];
    tokens_TD.set([7 + x, 7 + x, y - 2, -y, z, 1], t * D);
  }
  return { tokens_TD, factors: [a, b, c] };
}

const correlation = (x: number[], y: number[]): number => {
  const mean = (v: number[]) => v.reduce((sum, value) => sum + value, 0) / v.length;
  const [mx, my] = [mean(x), mean(y)];
  const cov = (u: number[], mu: number, v: number[], mv: number) =>
    mean(u.map((value, i) => (value - mu) * (v[i]! - mv)));
  return cov(x, mx, y, my) / Math.sqrt(cov(x, mx, x, mx) * cov(y, my, y, my));
};

describe('principal components', () => {
  it('finds the directions of most variance, in order, uncorrelated', () => {
    const { tokens_TD, factors } = tokens();
    const { scores_TK, explained_K } = principalComponents(tokens_TD, D, 3);
    const component = (k: number) => Array.from({ length: T }, (_, t) => scores_TK[t * 3 + k]!);
    expect(Math.abs(correlation(component(0), factors[0]!))).toBeGreaterThan(0.98);
    for (const [i, j] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      expect(Math.abs(correlation(component(i), component(j)))).toBeLessThan(1e-6);
    }
    expect(explained_K[0]).toBeGreaterThan(explained_K[1]!);
    expect(explained_K[1]).toBeGreaterThan(explained_K[2]!);
    expect(explained_K.reduce((sum, share) => sum + share)).toBeCloseTo(1, 9);
  });

  it('turns every component so that its farthest token is positive', () => {
    const { tokens_TD } = tokens();
    const { scores_TK } = principalComponents(tokens_TD, D, 3);
    const flipped = principalComponents(
      tokens_TD.map((value) => -value),
      D,
      3,
    );
    scores_TK.forEach((score, i) => expect(flipped.scores_TK[i]).toBeCloseTo(score, 5));
  });

  it('gives zeros where there is no variance', () => {
    const { scores_TK, explained_K } = principalComponents(new Float32Array(4 * 2).fill(3), 2, 3);
    expect([...scores_TK]).toEqual(Array(12).fill(0));
    expect(explained_K).toEqual([0, 0, 0]);
  });
});
