import type { Guidance, SamplingProblem } from '@hastejs/plugin-api';

/** Whether guidance acts at time t: low ≤ t ≤ high, both ends included. A scale of 1 is off. */
export function isGuided({ scale, low, high }: Guidance, t: number): boolean {
  return scale !== 1 && low <= t && t <= high;
}

/** Turns a velocity into the drift of the equation that is integrated, element by element. */
export type DriftOf = (v: number, x: number) => number;

const velocityAlone: DriftOf = (v) => v;

/**
 * Drift at (x, t) with classifier-free guidance on the drift: u + scale·(c − u).
 * @param guidedAt the time that is held against the guidance interval; Heun's correction keeps that of its predictor.
 */
export async function drift(
  problem: SamplingProblem,
  x: Float64Array,
  t: number,
  guidedAt = t,
  of = velocityAlone,
): Promise<Float64Array> {
  const { scale } = problem.guidance;
  const guided = isGuided(problem.guidance, guidedAt);
  const { conditional, unconditional } = await problem.velocity(x, t, guided);
  return x.map((value, i) => {
    const c = of(conditional[i]!, value);
    if (!guided) return c;
    const u = of(unconditional![i]!, value);
    return u + scale * (c - u);
  });
}
