import { HasteError, type TargetLayers, defineTargetLayers } from '@hastejs/plugin-api';
import { z } from 'zod';
import { blockAt } from './block-at.js';

const WHERE = 'layers/blocks';

/**
 * Blocks of the student alone, for a loss that no teacher takes part in: `blocks({ blocks: [2] })` by number, counted from 0,
 * or `blocks({ depths: [0.25] })` by fraction of depth, where f is the block after which f of the model has run.
 */
export const blocks = defineTargetLayers({
  id: WHERE,
  summary: 'Blocks of the student, for losses that look at nothing else.',
  options: z
    .strictObject({
      blocks: z.array(z.int().nonnegative()).min(1).refine(areDistinct).optional().describe('Blocks, counted from 0.'),
      depths: z
        .array(z.number().gt(0).max(1))
        .min(1)
        .refine(areDistinct)
        .optional()
        .describe('Depths in (0, 1] instead; 1 is the last block.'),
    })
    .refine(({ blocks, depths }) => (blocks === undefined) !== (depths === undefined), {
      error: 'name either blocks or depths',
    }),
  create: ({ blocks, depths }): TargetLayers => ({
    grids: 'refuse',
    blocks: (student) => blocks ?? [...new Set(depths!.map((depth) => blockAt(depth, student.blocks)))],
    select: () => {
      throw new HasteError('LAYERS_INVALID', {
        what: 'These are blocks of the student alone, and the loss compares them with a teacher.',
        where: WHERE,
        fix: 'Pair them: `layers: pairs({ pairs: [[student, teacher], …] })`.',
      });
    },
  }),
});

function areDistinct(values: readonly number[]): boolean {
  return new Set(values).size === values.length;
}
