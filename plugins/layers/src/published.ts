import {
  type AlignmentSpecs,
  HasteError,
  type LayerPair,
  type TargetLayers,
  defineTargetLayers,
} from '@hastejs/plugin-api';
import { z } from 'zod';
import { grids } from './grids.js';

interface Setting {
  /** Depth of the student that the setting was made for. */
  readonly blocks: number;
  /** The block whose output learns features: the paper's depth n, counted from 1, less one. */
  readonly tokens: number;
  /** [student, teacher] blocks for attention. */
  readonly attention: readonly (readonly [student: number, teacher: number])[];
}

const attentionOf = (student: number[], teacher: number[]) => student.map((block, i) => [block, teacher[i]!] as const);
const LARGE = { tokens: 7, attention: attentionOf([4, 5, 6, 7], [8, 9, 10, 11]) };

/** The paper's settings with DINOv2-B (arXiv 2505.16792). */
const SETTINGS = {
  'SiT-B': { blocks: 12, tokens: 4, attention: attentionOf([2, 3, 4], [7, 9, 11]) },
  'SiT-L': { blocks: 24, ...LARGE },
  'SiT-XL': { blocks: 28, ...LARGE },
  'DiT-XL': { blocks: 28, ...LARGE },
  'MM-DiT': { blocks: 24, ...LARGE },
} satisfies Record<string, Setting>;
const TEACHER_BLOCKS = 12;

type Model = keyof typeof SETTINGS;
const MODELS = Object.keys(SETTINGS) as [Model, ...Model[]];

/**
 * The paper's own blocks for a student of published size and a teacher of DINOv2-B's depth:
 * `published({ reads: 'tokens' })` for the feature term, `published({ reads: 'attention' })` for the attention term.
 */
export const published = defineTargetLayers({
  id: 'layers/published',
  summary: "The paper's own pairs of blocks for students of published size.",
  options: z.strictObject({
    reads: z.enum(['tokens', 'attention']).describe('What the loss of the term reads: features are tokens.'),
    model: z.enum(MODELS).optional().describe("Whose setting; default: by the student's name."),
    grids,
  }),
  create: ({ reads, model, grids }): TargetLayers => ({
    grids,
    select(specs) {
      const { tokens, attention } = settingFor(specs, model);
      return reads === 'tokens'
        ? [{ student: tokens, teacher: 'final' }]
        : attention.map(([student, teacher]): LayerPair => ({ student, teacher }));
    },
  }),
});

function settingFor({ student, teacher }: AlignmentSpecs, model = modelOf(student.name)): Setting {
  const setting = model && SETTINGS[model];
  if (setting?.blocks === student.blocks && teacher.blocks === TEACHER_BLOCKS) return setting;
  const wanted = setting
    ? `that of ${model} is for a student of ${setting.blocks} blocks and a teacher of ${TEACHER_BLOCKS}`
    : `it has settings for ${MODELS.join(', ')}`;
  throw new HasteError('LAYERS_INVALID', {
    what:
      `The paper has no setting for ${student.name} (${student.blocks} blocks) with ${teacher.name} ` +
      `(${teacher.blocks} blocks): ${wanted}.`,
    where: 'layers/published',
    fix: 'Name the blocks with pairs({ pairs: [[student, teacher], …] }), or depths with relative({ pairs: […] }).',
  });
}

/** `SiT-XL/2` → `SiT-XL`: settings do not depend on the patch size. */
function modelOf(name: string): Model | undefined {
  return MODELS.find((model) => model === name.replace(/\/\d+$/, ''));
}
