import { frechetDistance } from './frechet.js';
import { FeatureStatistics, type Moments } from './statistics.js';

/** The rows of which numpy took the numbers below. */
function rows(N: number, D: number, k: number, shift: number): number[][] {
  return Array.from({ length: N }, (_, n) =>
    Array.from({ length: D }, (_, i) => Math.sin(k * n * (i + 1) + 5 * i * i + 1) * (i + 1) + shift * i),
  );
}

function momentsOf(all: readonly number[][], batches = [all.length]): Moments {
  const statistics = new FeatureStatistics(all[0]!.length);
  let from = 0;
  for (const size of batches) statistics.add(all.slice(from, (from += size)).flat());
  return statistics.moments();
}

const gaussian = (mean: number[], covariance: number[][]): Moments => ({
  count: 2,
  mean_D: Float64Array.from(mean),
  covariance_DD: Float64Array.from(covariance.flat()),
});

describe('FeatureStatistics', () => {
  it('has the mean and covariance that numpy has', () => {
    const { count, mean_D, covariance_DD } = momentsOf(rows(40, 5, 3, 0.1));
    expect(count).toBe(40);
    expect(mean_D[3]).toBeCloseTo(0.43122126020895457, 13);
    expect(covariance_DD[1 * 5 + 3]).toBeCloseTo(0.28061391507883604, 12);
    expect(covariance_DD[3 * 5 + 1]).toBe(covariance_DD[1 * 5 + 3]);
    expect(covariance_DD[4 * 5 + 4]).toBeCloseTo(12.80170888036109, 12);
  });

  it('does not depend on how rows come, nor loses digits where the mean is large', () => {
    const far = rows(40, 5, 3, 0.1).map((row) => row.map((value) => value + 1e6));
    const [whole, parts] = [momentsOf(rows(40, 5, 3, 0.1)), momentsOf(far, [1, 7, 0, 30, 2])];
    for (const [i, value] of parts.covariance_DD.entries()) expect(value).toBeCloseTo(whole.covariance_DD[i]!, 7);
  });

  it('refuses what has no covariance, no width, or no numbers', () => {
    const statistics = new FeatureStatistics(2);
    expect(() => statistics.add([1, 2, 3])).toThrow('no rows of width 2');
    expect(() => statistics.add([1, NaN])).toThrow('not a finite number');
    statistics.add([1, 2]);
    expect(() => statistics.moments()).toThrow('covariance of 1 image ');
  });
});

describe('frechetDistance', () => {
  const a = momentsOf(rows(40, 5, 3, 0.1));
  const b = momentsOf(rows(25, 5, 2, -0.3));

  it('equals what numpy computes by the eigenvalues of the product of covariances', () => {
    expect(frechetDistance(a, b)).toBeCloseTo(4.854655935401972, 9);
    expect(frechetDistance(b, a)).toBeCloseTo(4.854655935401972, 9);
  });

  it('holds for a singular covariance, of fewer images than features', () => {
    expect(frechetDistance(momentsOf(rows(3, 5, 3, 0.1)), b)).toBeCloseTo(51.43892615651009, 6);
  });

  it('is nothing between equals, and the squared distance of means where covariances are equal', () => {
    expect(frechetDistance(a, a)).toBeCloseTo(0, 9);
    const moved = { ...a, mean_D: a.mean_D.map((value, i) => value + i) };
    expect(frechetDistance(a, moved)).toBeCloseTo(0 + 1 + 4 + 9 + 16, 9);
  });

  it('is the sum of squared differences of deviations where covariances commute', () => {
    const turned = (x: number, y: number) => [
      [(x + y) / 2, (x - y) / 2],
      [(x - y) / 2, (x + y) / 2],
    ];
    const distance = frechetDistance(gaussian([0, 0], turned(9, 4)), gaussian([0, 1], turned(1, 16)));
    expect(distance).toBeCloseTo(1 + (3 - 1) ** 2 + (2 - 4) ** 2, 12);
  });

  it('refuses features of different widths', () => {
    expect(() => frechetDistance(a, gaussian([0], [[1]]))).toThrow('width 5 and of width 1');
  });
});
