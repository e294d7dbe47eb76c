import { type SamplingProblem, type Sampler, defineSampler } from '@hastejs/plugin-api';
import { z } from 'zod';

const options = z.strictObject({
  steps: z.int().positive().default(50).describe('Equal steps from noise to data; each costs one evaluation.'),
});

/**
 * The Adams–Bashforth method of two steps on the probability-flow ODE dx = v(x, t) dt, t from 1 to 0: the slope of a step is
 * extrapolated from its own and the last one's, x ← x + (3/2·vₙ − 1/2·vₙ₋₁)·dt. Second order like Heun's method, with one evaluation a
 * step instead of two. It begins with a step of Euler's.
 */
export const templateExport = defineSampler({
  id: 'sampler/template-id',
  summary: 'Adams–Bashforth on the ODE: deterministic, second order, one evaluation a step.',
  options,
  create: ({ steps }): Sampler => ({
    async sample(problem) {
      let x = Float64Array.from(problem.start);
      let last: Float64Array | null = null;
      for (let i = 0; i < steps; i++) {
        // Counted, not added up: a guidance interval that ends on a step includes it.
        const t = 1 - i / steps;
        const now = await slope(problem, x, t);
        x = x.map((value, n) => value - (last ? 1.5 * now[n]! - 0.5 * last[n]! : now[n]!) / steps);
        last = now;
        problem.onStep?.(i + 1, steps);
      }
      return x;
    },
  }),
});

/** The velocity at (x, t) with classifier-free guidance, u + scale·(c − u), where low ≤ t ≤ high. */
async function slope(problem: SamplingProblem, x: Float64Array, t: number): Promise<Float64Array> {
  const { scale, low, high } = problem.guidance;
  const guided = scale !== 1 && low <= t && t <= high;
  const { conditional, unconditional } = await problem.velocity(x, t, guided);
  return Float64Array.from(conditional, (c, n) => {
    const u = unconditional?.[n];
    return guided && u !== undefined ? u + scale * (c - u) : c;
  });
}
