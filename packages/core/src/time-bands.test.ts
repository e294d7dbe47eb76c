import { timeBands } from './time-bands.js';

it('has the value at the middle of each band, and ends at 1', () => {
  expect(timeBands((t) => 2 * t, 4)).toEqual([
    { until: 0.25, factor: 0.25 },
    { until: 0.5, factor: 0.75 },
    { until: 0.75, factor: 1.25 },
    { until: 1, factor: 1.75 },
  ]);
  // Whatever the count, or a recipe would refuse them.
  for (let count = 1; count < 50; count++) expect(timeBands(() => 1, count).at(-1)!.until).toBe(1);
});

it.each([() => -1, () => NaN, (t: number) => 1 / (t - 0.25)])('refuses %s', (factor) => {
  expect(() => timeBands(factor, 2)).toThrow('must be finite and not negative, and that at t = 0.25 is');
});
