import {
  type DataSpec,
  HasteError,
  Services,
  type Student,
  type StudentSpec,
  defineStudent,
} from '@hastejs/plugin-api';
import { initParameters } from '@hastejs/models';
import { z } from 'zod';
import { forward } from './forward.js';
import { FROZEN, parametersOf } from './parameters.js';

const options = z
  .strictObject({
    width: z.int().positive().multipleOf(4).default(384).describe('Width of tokens; a multiple of 4 and of the heads.'),
    blocks: z.int().positive().default(12).describe('Transformer blocks.'),
    heads: z.int().positive().default(6).describe('Attention heads of each block.'),
    patch: z.int().positive().default(2).describe('Side of a patch; it must divide the sides of the images.'),
  })
  .refine(({ width, heads }) => width % heads === 0, {
    path: ['heads'],
    message: 'The width must be a multiple of the heads.',
  });
type Options = z.output<typeof options>;

/**
 * A diffusion transformer with in-context conditioning (Peebles and Xie, arXiv 2212.09748, section 3.2): time and class are two
 * tokens before the patches, and the blocks are those of a plain vision transformer, without modulation. Image shape and classes
 * come from the data.
 * @throws HasteError TEACHER_MISMATCH for a patch that does not divide the image.
 */
export const templateExport = defineStudent({
  id: 'student/template-id',
  summary: 'A vision transformer that reads time and class as tokens.',
  options,
  inject: { data: Services.data },
  create: (options, { data }): Student => {
    const spec = specOf(options, data);
    return {
      spec,
      frozen: FROZEN,
      // No state, nothing read back to the host, no number that changes from step to step.
      repeatable: true,
      init: (rng) => initParameters(parametersOf(spec), rng),
      forward: (params, input, taps) => forward(spec, params, input, taps),
    };
  },
});

function specOf({ width, blocks, heads, patch }: Options, { image, classes }: DataSpec): StudentSpec {
  if (image.height % patch !== 0 || image.width % patch !== 0) {
    throw new HasteError('TEACHER_MISMATCH', {
      what: `Patches of ${patch}×${patch} do not divide images of ${image.height}×${image.width}.`,
      where: 'student/template-id, patch',
      fix: 'Choose a patch that divides both sides, or other images.',
    });
  }
  const grid = { height: image.height / patch, width: image.width / patch };
  return {
    name: 'template-id',
    blocks,
    width,
    heads,
    headDim: width / heads,
    grid,
    input: image,
    classes: classes.length,
  };
}
