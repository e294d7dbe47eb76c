import {
  type AlignmentSpecs,
  HasteError,
  type LayerPair,
  type StudentSpec,
  type TargetLayers,
  defineTargetLayers,
} from '@hastejs/plugin-api';
import { z } from 'zod';

const WHERE = 'layers/template-id';

const options = z
  .strictObject({
    count: z.int().positive().default(3).describe('How many pairs.'),
    from: z.number().min(0).max(1).default(0.25).describe('Depth of the first pair: 0 is the first block, 1 the last.'),
    to: z.number().min(0).max(1).default(0.75).describe('Depth of the last pair.'),
    grids: z
      .enum(['refuse', 'resample'])
      .default('refuse')
      .describe("When the token grids differ: refuse, or resample the teacher's tokens to the student's grid."),
  })
  .refine(({ from, to }) => from <= to, { path: ['to'], message: 'The last pair must not lie before the first.' });
type Options = z.output<typeof options>;

/**
 * Pairs of blocks at the same relative depth of both models, spread evenly over a part of it: for a student of 12 blocks and
 * a teacher of 24, three pairs from 0.25 to 0.75 are 3–6, 6–12 and 8–17.
 * @throws HasteError LAYERS_INVALID, when it selects, for more pairs than there are student blocks in the range.
 */
export const templateExport = defineTargetLayers({
  id: WHERE,
  summary: 'Pairs of blocks spread evenly over a range of relative depth.',
  options,
  create: (options): TargetLayers => ({
    grids: options.grids,
    select: ({ student, teacher }: AlignmentSpecs) => {
      const blocks = studentBlocks(options, student);
      return depthsOf(options).map((depth, k): LayerPair => ({
        student: blocks[k]!,
        teacher: blockAt(depth, teacher.blocks),
      }));
    },
    // For losses that look at the student alone.
    blocks: (student) => studentBlocks(options, student),
  }),
});

/** The block, from 0, at a relative depth. */
const blockAt = (depth: number, blocks: number): number => Math.round(depth * (blocks - 1));

function depthsOf({ count, from, to }: Options): number[] {
  if (count === 1) return [(from + to) / 2];
  return Array.from({ length: count }, (_, k) => from + ((to - from) * k) / (count - 1));
}

function studentBlocks(options: Options, { name, blocks }: StudentSpec): number[] {
  const chosen = depthsOf(options).map((depth) => blockAt(depth, blocks));
  const distinct = new Set(chosen).size;
  if (distinct === chosen.length) return chosen;
  const { count, from, to } = options;
  throw new HasteError('LAYERS_INVALID', {
    what: `${count} pairs from depth ${from} to ${to} fall on ${distinct} of the ${blocks} blocks of ${name}.`,
    where: `${WHERE}, count`,
    fix: `Ask for ${distinct} or fewer, or widen the range.`,
  });
}
