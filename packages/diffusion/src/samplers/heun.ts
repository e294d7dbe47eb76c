import { type SamplingProblem, defineSampler } from '@hastejs/plugin-api';
import { z } from 'zod';
import { drift } from './guidance.js';
import { timeSteps } from './time-steps.js';

/**
 * Heun's method on the ODE dx = v(x, t) dt: an Euler step, corrected by the mean of the slopes at both ends. The last step
 * is left uncorrected. Two evaluations a step.
 */
export async function sampleHeun(problem: SamplingProblem, steps: number): Promise<Float64Array> {
  const t = timeSteps(1, 0, steps);
  let x = Float64Array.from(problem.start);
  for (let i = 0; i < steps; i++) {
    const dt = t[i + 1]! - t[i]!;
    const d = await drift(problem, x, t[i]!);
    const predicted = x.map((value, n) => value + d[n]! * dt);
    if (i + 1 < steps) {
      const corrected = await drift(problem, predicted, t[i + 1]!, t[i]!);
      x = x.map((value, n) => value + 0.5 * (d[n]! + corrected[n]!) * dt);
    } else {
      x = predicted;
    }
    problem.onStep?.(i + 1, steps);
  }
  return x;
}

export const heun = defineSampler({
  id: 'sampler/heun',
  summary: 'Heun on the ODE: deterministic, second order, two evaluations a step.',
  options: z.strictObject({
    steps: z.number().int().positive().default(250).describe('Equal steps from noise to data.'),
  }),
  create: ({ steps }) => ({ sample: (problem) => sampleHeun(problem, steps) }),
});
