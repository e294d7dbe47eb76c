import { type LayerPair, type TargetLayers, defineTargetLayers } from '@hastejs/plugin-api';
import { z } from 'zod';
import { blockAt } from './block-at.js';
import { grids } from './grids.js';

const depth = z.number().gt(0).max(1);

/**
 * The blocks by depth: a fraction f is the block after which f of the model has run, so 1 is the last block and 0.5 of
 * 12 blocks is block 5. For sweeps over model sizes. Pairs that fall on the same blocks of a shallow model count once.
 *
 * The paper's feature depth of SiT-XL is `relative({ pairs: [[8 / 28, 'final']] })`.
 */
export const relative = defineTargetLayers({
  id: 'layers/relative',
  summary: 'Pairs of student and teacher blocks by fraction of depth.',
  options: z.strictObject({
    pairs: z
      .array(z.tuple([depth, z.union([depth, z.literal('final')])]))
      .min(1)
      .describe('[student depth, teacher depth or "final"], in (0, 1]; 1 is the last block.'),
    grids,
  }),
  create: ({ pairs, grids }): TargetLayers => ({
    grids,
    select({ student, teacher }) {
      const selected = pairs.map(([s, t]): LayerPair => ({
        student: blockAt(s, student.blocks),
        teacher: t === 'final' ? t : blockAt(t, teacher.blocks),
      }));
      return [...new Map(selected.map((pair) => [`${pair.student} ← ${pair.teacher}`, pair])).values()];
    },
  }),
});
