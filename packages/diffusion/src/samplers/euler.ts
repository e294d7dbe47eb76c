import { type SamplingProblem, defineSampler } from '@hastejs/plugin-api';
import { z } from 'zod';
import { drift } from './guidance.js';
import { timeSteps } from './time-steps.js';

/** Euler's method on the probability-flow ODE dx = v(x, t) dt, t from 1 to 0 in equal steps. One evaluation a step. */
export async function sampleEuler(problem: SamplingProblem, steps: number): Promise<Float64Array> {
  const t = timeSteps(1, 0, steps);
  let x = Float64Array.from(problem.start);
  for (let i = 0; i < steps; i++) {
    const dt = t[i + 1]! - t[i]!;
    const d = await drift(problem, x, t[i]!);
    x = x.map((value, n) => value + d[n]! * dt);
    problem.onStep?.(i + 1, steps);
  }
  return x;
}

export const euler = defineSampler({
  id: 'sampler/euler',
  summary: 'Euler on the ODE: deterministic, one evaluation a step.',
  options: z.strictObject({
    steps: z.number().int().positive().default(250).describe('Equal steps from noise to data.'),
  }),
  create: ({ steps }) => ({ sample: (problem) => sampleEuler(problem, steps) }),
});
