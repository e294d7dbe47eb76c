import { rng } from './rng.js';

const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b) / values.length;

describe('rng', () => {
  it('draws the same numbers from the same value, and a prefix of them when fewer are asked for', () => {
    const noise = rng(3).stream('noise').at(7);
    expect(noise.normal(5)).toEqual(noise.normal(5));
    expect(noise.normal(9).subarray(0, 5)).toEqual(noise.normal(5));
    expect(rng(3).stream('noise').at(7).uniform(5)).toEqual(noise.uniform(5));
  });

  it('never changes: runs of earlier versions resume with these numbers', () => {
    expect([...rng(0).stream('noise').at(0).normal(3)]).toMatchInlineSnapshot(`
     [
       0.6374686360359192,
       -1.1942100524902344,
       -1.8280584812164307,
     ]
    `);
    expect([
      ...rng(2 ** 53 - 1)
        .stream('données')
        .at(1, 2, 3)
        .integers(4, 1000),
    ]).toMatchInlineSnapshot(`
     [
       815,
       101,
       313,
       972,
     ]
    `);
    expect([...rng(1).permutation(6)]).toMatchInlineSnapshot(`
     [
       0,
       3,
       2,
       5,
       1,
       4,
     ]
    `);
  });

  it('gives every seed, stream and position its own numbers', () => {
    const values = [
      rng(0),
      rng(1),
      rng(2 ** 32),
      rng(0).stream(''),
      rng(0).stream('a'),
      rng(0).stream('b'),
      rng(0).stream('a').stream('b'),
      rng(0).stream('ab'),
      rng(0).stream('12345678'),
      rng(0).stream('123456789'),
      rng(0).at(0),
      rng(0).at(1),
      rng(0).at(0, 0),
      rng(0).at(0, 1),
      rng(0).at(0, 0, 0),
    ];
    const draws = values.map((value) => value.uniform(4).join());
    expect(new Set(draws).size).toBe(values.length);
  });

  it('composes positions', () => {
    expect(rng(5).at(1).at(2).uniform(3)).toEqual(rng(5).at(1, 2).uniform(3));
  });

  it('draws uniforms in [0, 1) with the right moments', () => {
    const u = rng(11).uniform(50_000);
    expect(Math.min(...u.subarray(0, 5e4))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...u.subarray(0, 5e4))).toBeLessThan(1);
    expect(mean(u)).toBeCloseTo(0.5, 2);
    expect(mean(u.map((x) => (x - 0.5) ** 2))).toBeCloseTo(1 / 12, 3);
  });

  it('draws normals with the right moments and tails', () => {
    const z = rng(12).normal(100_000);
    expect(Math.abs(mean(z))).toBeLessThan(0.012);
    expect(mean(z.map((x) => x * x))).toBeCloseTo(1, 2);
    expect(mean(z.map((x) => x ** 4))).toBeCloseTo(3, 1);
    expect(mean(z.map((x) => Number(Math.abs(x) > 1.96)))).toBeCloseTo(0.05, 3);
    expect(Math.abs(mean(z.map((x, i) => (i % 2 ? 0 : x * z[i + 1]!))))).toBeLessThan(0.012);
  });

  it('draws every integer below the bound equally often', () => {
    const counts = [0, 0, 0, 0, 0, 0, 0];
    for (const i of rng(13).integers(70_000, 7)) counts[i]!++;
    // Seven times five standard deviations of a binomial count.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(470);
  });

  it('permutes', () => {
    const order = rng(14).permutation(1000);
    expect([...order].sort((a, b) => a - b)).toEqual([...Array(1000).keys()]);
    expect([...order]).not.toEqual([...Array(1000).keys()]);
    expect(rng(14).permutation(0)).toEqual(new Int32Array(0));
  });

  it.each([[-1], [0.5], [2 ** 53], [NaN]])('refuses the seed %p', (seed) => {
    expect(() => rng(seed)).toThrow('A seed is an integer');
  });

  it.each([[[1, 2, 3, 4]], [[-1]], [[0.5]], [[2 ** 32 - 1]]])('refuses the position %p', (position) => {
    expect(() => rng(0).at(...position)).toThrow('A position is');
  });
});
