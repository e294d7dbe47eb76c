import { type InterpolantName, pathCoefficients } from '@hastejs/diffusion';
import type { Guidance, SamplingProblem } from '@hastejs/plugin-api';
import { rng } from '@hastejs/tensor';

/** Data of the problem: every number is drawn from N(MEAN, DEVIATION²). */
export const MEAN = 1;
export const DEVIATION = 0.5;

/** What a sampler asked of a problem. */
export interface Asked {
  /** Times of the velocity, and whether the null class was wanted too. */
  readonly velocities: { readonly t: number; readonly guided: boolean }[];
  readonly noises: number[];
  readonly progress: (readonly [done: number, total: number])[];
}

/**
 * A problem whose answer is known: the velocity field of a Gaussian, E[α̇·x₀ + σ̇·ε | xₜ], in closed form. The flow takes a
 * start z to MEAN + DEVIATION·z; a stochastic sampler ends in the same distribution. The null class has its mean at 0.
 */
export function gaussianProblem(
  path: InterpolantName,
  { size = 2048, guidance = { scale: 1, low: 0, high: 1 } as Guidance } = {},
): { readonly problem: SamplingProblem; readonly asked: Asked } {
  const asked: Asked = { velocities: [], noises: [], progress: [] };
  const field = (x: Float64Array, t: number, mean: number): Float32Array => {
    const { alpha, sigma, dAlpha, dSigma } = pathCoefficients(path, t);
    const variance = alpha ** 2 * DEVIATION ** 2 + sigma ** 2;
    return Float32Array.from(x, (value) => {
      const centred = (value - alpha * mean) / variance;
      return dAlpha * (mean + alpha * DEVIATION ** 2 * centred) + dSigma * sigma * centred;
    });
  };
  const problem: SamplingProblem = {
    start: rng(9).stream('start').normal(size),
    velocity: async (x, t, guided) => {
      asked.velocities.push({ t, guided });
      return { conditional: field(x, t, MEAN), unconditional: guided ? field(x, t, 0) : null };
    },
    path: (t) => pathCoefficients(path, t),
    guidance,
    noise: (k) => {
      asked.noises.push(k);
      // A number that is none is told of by the check, and must not end it.
      const position = Number.isInteger(k) && k >= 0 ? k : 0;
      return rng(9).stream('noise').at(position).normal(size);
    },
    onStep: (done, total) => void asked.progress.push([done, total]),
  };
  return { problem, asked };
}
