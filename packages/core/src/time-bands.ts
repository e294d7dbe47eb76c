import { HasteError } from '@hastejs/plugin-api';
import type { TimeBand } from './recipe.js';

/**
 * A weight that is a function of diffusion time, as the bands that a recipe holds: plain data, which `overTime` takes. Each of
 * `count` equally wide bands has the value at its middle.
 *
 * A step computes a term once for each band that a sample of the batch lies in, so take no more than the shape needs.
 * @param factor of t in [0, 1], where 0 is data; finite and not negative.
 * @throws HasteError RECIPE_INVALID otherwise.
 */
export function timeBands(factor: (t: number) => number, count = 8): TimeBand[] {
  return Array.from({ length: count }, (_, band) => {
    const middle = (band + 0.5) / count;
    const value = factor(middle);
    if (Number.isFinite(value) && value >= 0) return { until: (band + 1) / count, factor: value };
    throw new HasteError('RECIPE_INVALID', {
      what: `A factor over time must be finite and not negative, and that at t = ${middle} is ${value}.`,
      where: 'timeBands',
      fix: 'Give a function that has such a value at every t in [0, 1].',
    });
  });
}
