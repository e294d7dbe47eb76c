import type { Rng } from '@hastejs/tensor';
import type { InterpolantName } from './interpolants.js';

export type TimeSampling = 'uniform' | 'lognormal';

/** n diffusion times in [0, 1], one an image (METHOD section 1). */
export function sampleTimes(sampling: TimeSampling, path: InterpolantName, rng: Rng, n: number): Float32Array {
  return sampling === 'uniform' ? rng.uniform(n) : lognormalTimes(path, rng.normal(n));
}

/** Times whose noise-to-signal ratio σ/α is s = exp(n), n ~ N(0, 1): s/(1+s) on the linear path, (2/π)·atan s on the cosine. */
export function lognormalTimes(path: InterpolantName, normals: Float32Array): Float32Array {
  return normals.map((normal) => {
    const s = Math.exp(normal);
    return path === 'linear' ? s / (1 + s) : (2 / Math.PI) * Math.atan(s);
  });
}
