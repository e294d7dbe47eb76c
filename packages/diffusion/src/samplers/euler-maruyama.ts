import { type SamplingProblem, defineSampler } from '@hastejs/plugin-api';
import { z } from 'zod';
import { diffusionAt, scoreFromVelocity } from '../score.js';
import { type DriftOf, drift } from './guidance.js';
import { timeSteps } from './time-steps.js';

/**
 * Euler–Maruyama on the reverse SDE dx = (v − ½·w·score) dt + √w dW with w(t) = 2t (METHOD section 5): t from 1 to `last`
 * in steps − 1 equal steps, then one deterministic step to 0.
 * @param last where the score would become too steep: 0.04 in the paper.
 */
export async function sampleEulerMaruyama(
  problem: SamplingProblem,
  steps: number,
  last: number,
): Promise<Float64Array> {
  const t = [...timeSteps(1, last, steps - 1), 0];
  let x = Float64Array.from(problem.start);
  for (let i = 0; i < steps; i++) {
    const [tCur, dt] = [t[i]!, t[i + 1]! - t[i]!];
    const w = diffusionAt(tCur);
    const path = problem.path(tCur);
    const reverse: DriftOf = (v, value) => v - 0.5 * w * scoreFromVelocity(v, value, path);
    const d = await drift(problem, x, tCur, tCur, reverse);
    const dW = i + 1 < steps ? problem.noise(i) : null;
    const noise = Math.sqrt(w * Math.abs(dt));
    x = x.map((value, n) => value + d[n]! * dt + (dW ? noise * dW[n]! : 0));
    problem.onStep?.(i + 1, steps);
  }
  return x;
}

export const eulerMaruyama = defineSampler({
  id: 'sampler/euler-maruyama',
  summary: 'Euler–Maruyama on the reverse SDE: stochastic, the sampler of the published numbers.',
  options: z.strictObject({
    steps: z
      .number()
      .int()
      .min(2)
      .default(250)
      .describe('Steps from noise to data, the last deterministic one included.'),
    last: z.number().gt(0).lt(1).default(0.04).describe('Time at which the deterministic last step begins.'),
  }),
  create: ({ steps, last }) => ({ sample: (problem) => sampleEulerMaruyama(problem, steps, last) }),
});
