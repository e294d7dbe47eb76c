import { rng } from '@hastejs/tensor';
import { pathCoefficients } from './interpolants.js';
import { lognormalTimes, sampleTimes } from './times.js';

describe('diffusion times', () => {
  it('are uniform on [0, 1]', () => {
    const times = sampleTimes('uniform', 'linear', rng(1), 20_000);
    const mean = times.reduce((sum, t) => sum + t) / times.length;
    const square = times.reduce((sum, t) => sum + t * t) / times.length;
    expect(mean).toBeCloseTo(1 / 2, 2);
    expect(square).toBeCloseTo(1 / 3, 2);
    expect(times.every((t) => t >= 0 && t < 1)).toBe(true);
  });

  it.each(['linear', 'cosine'] as const)('have a lognormal ratio of noise to signal on the %s path', (path) => {
    const normals = new Float32Array([-3, -0.5, 0, 0.7, 2.5]);
    lognormalTimes(path, normals).forEach((t, i) => {
      const { alpha, sigma } = pathCoefficients(path, t);
      expect(Math.log(sigma / alpha)).toBeCloseTo(normals[i]!, 4);
    });
    const drawn = sampleTimes('lognormal', path, rng(1), 5);
    expect(drawn).toEqual(lognormalTimes(path, rng(1).normal(5)));
  });
});
