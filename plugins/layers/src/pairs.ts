import { type LayerPair, type TargetLayers, defineTargetLayers } from '@hastejs/plugin-api';
import { z } from 'zod';
import { grids } from './grids.js';

const index = z.int().nonnegative();
const teacherSite = z.union([index, z.literal('final')]);

/**
 * The blocks by number: `pairs({ pairs: [[4, 8], [5, 9]] })`, student first, both counted from 0. `'final'` is the
 * teacher's output after its last norm: what feature alignment learns from (`pairs({ pairs: [[7, 'final']] })`).
 */
export const pairs = defineTargetLayers({
  id: 'layers/pairs',
  summary: 'Pairs of student and teacher blocks by number.',
  options: z.strictObject({
    pairs: z
      .array(z.tuple([index, teacherSite]))
      .min(1)
      .refine(areDistinct, 'The same pair is given twice.')
      .describe('[student block, teacher block or "final"], counted from 0.'),
    heads: z
      .array(z.tuple([index, index]))
      .min(1)
      .refine(areDistinct, 'The same pair of heads is given twice.')
      .optional()
      .describe('For attention: [student head, teacher head]; default: the first heads that both models have.'),
    grids,
  }),
  create: ({ pairs, heads, grids }): TargetLayers => ({
    grids,
    // Whether both models have these blocks is checked where the pairs are used, for every selector alike.
    select: () => pairs.map(([student, teacher]): LayerPair => ({ student, teacher, ...(heads && { heads }) })),
  }),
});

function areDistinct(pairs: readonly (readonly unknown[])[]): boolean {
  return new Set(pairs.map((pair) => pair.join())).size === pairs.length;
}
