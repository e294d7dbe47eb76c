import type { VitFamilyId } from '@hastejs/models';
import { z } from 'zod';
import { channelNormalisation } from '../preprocessing/normalisation.js';
import { PREPROCESSINGS } from '../preprocessing/preprocess.js';

/** How a position table is moved to another grid: as the family's own code does, or as HASTE's released training code. */
const POSITIONS = ['family', 'timm'] as const;

/** Most images at a time, unless told: a ViT-B/16 of 224 pixels then holds about a gigabyte in float32 while it runs. */
const USUAL_CHUNK = 64;

/**
 * The options that every teacher made of a vision transformer shares; a plugin adds what only its families need.
 * @param positions the default for position tables.
 */
export const vitTeacherOptions = (positions: (typeof POSITIONS)[number]) => ({
  weights: z
    .string()
    .min(1)
    .describe(
      'An id of the catalogue (haste teachers list), hf:owner/name@revision from the shared cache, or the path of a weight file or of a folder that holds one.',
    ),
  entry: z
    .string()
    .min(1)
    .optional()
    .describe("Which state dict of a PyTorch checkpoint that holds several, such as 'teacher'; default: the only one."),
  imageSize: z
    .int()
    .positive()
    .optional()
    .describe(
      "Side that images are given at, a multiple of the patch; default: what gives the student's token grid, or with preprocessing 'evaluation' the family's own.",
    ),
  preprocessing: z
    .enum(PREPROCESSINGS)
    .default('training')
    .describe(
      "training: the whole image, bicubic without antialias, as HASTE was trained. family: the whole image with the family's own filter. evaluation: the family's own evaluation, its centre crop included.",
    ),
  normalisation: channelNormalisation
    .optional()
    .describe("Mean and std of every channel, of pixels in [0, 1]; default: what the file says, or the family's."),
  positions: z
    .enum(POSITIONS)
    .default(positions)
    .describe(
      "How a position table is moved to the grid: family, as the encoder's own code does; timm, as HASTE's released training does.",
    ),
  chunk: z
    .int()
    .positive()
    .default(USUAL_CHUNK)
    .describe('Most images that are encoded at a time; the result is the same, the memory is not.'),
  precision: z
    .enum(['run', 'float32', 'bf16'])
    .default('run')
    .describe("What the encoder computes in: the run's precision, or its own. bf16 needs a backend that can."),
  heads: z
    .int()
    .positive()
    .optional()
    .describe(
      "Attention heads, where neither the file nor the width tells; default: what the file says, or its family's.",
    ),
});

/** `family` of a plugin that takes these. */
export const familyOption = <const F extends readonly VitFamilyId[]>(families: F) =>
  z
    .enum(families)
    .optional()
    .describe('Read the file as this family, whatever its tensor names resemble; default: recognised by them.');

/** `activation` of families whose files do not tell which GELU they were trained with. */
export const activationOption = z
  .enum(['erf', 'tanh', 'quick'])
  .optional()
  .describe(
    "The GELU it was trained with: exact, by tanh, or CLIP's x·σ(1.702x); default: what the file says, or its family's.",
  );

type Common = ReturnType<typeof vitTeacherOptions>;
/** What `createVitTeacher` reads. */
export type VitTeacherOptions = z.output<z.ZodObject<Common>> & {
  readonly family?: VitFamilyId | undefined;
  readonly activation?: z.output<typeof activationOption>;
};
