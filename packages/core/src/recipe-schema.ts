import type { Kind } from '@hastejs/plugin-api';
import { z } from 'zod';

/** The two leaves that differ between resolving a recipe and describing it to an editor. */
export interface RecipeLeaves {
  ref(kind: Kind): z.ZodType;
  readonly plugin: z.ZodType;
}

const count = (summary: string) => z.number().int().positive().describe(summary);
// 2^53 − 1: what the random number generator takes.
const seed = (summary: string) => z.number().int().nonnegative().default(0).describe(summary);

/** Loss terms that every run has: an alignment term of the same name could not be told from them. */
const RESERVED_TERMS = ['total', 'denoise', 'alignment'];

const termName = z
  .string()
  .regex(/^[A-Za-z][\w-]*$/, { error: 'a term is named by letters, digits, "_" and "-", starting with a letter' })
  .refine((name) => !RESERVED_TERMS.includes(name), {
    error: ({ input }) => `"${String(input)}" is a loss every run has`,
  });

const guidance = z
  .strictObject({
    scale: z.number().nonnegative().default(1).describe('u + scale·(c − u); 1 is off'),
    low: z.number().min(0).max(1).default(0).describe('Active from this diffusion time …'),
    high: z.number().min(0).max(1).default(1).describe('… to this one'),
  })
  .refine(({ low, high }) => low <= high, { error: 'low must not be above high' });

const teacherCache = z
  .strictObject({
    dir: z.string().min(1).default('teacher-cache').describe('Folder; relative paths start at the recipe'),
    storage: z.enum(['float32', 'bf16', 'float16']).default('float32').describe('Precision that features are kept in'),
  })
  .describe("Computes the teacher's features once, before the first step, and keeps them on disk");

const weightSchedule = z.strictObject({
  value: z.number().nonnegative().default(0.5).describe('λ, before any ramp'),
  ramp: z
    .strictObject({
      to: z.number().nonnegative().default(0).describe('λ at the end of the ramp'),
      start: z.number().int().nonnegative().default(0).describe('First step of the ramp'),
      steps: count('Length of the ramp'),
      shape: z.enum(['linear', 'cosine']).default('linear'),
    })
    .optional()
    .describe('Takes λ to another value'),
  overTime: z
    .array(z.strictObject({ until: z.number().gt(0).max(1), factor: z.number().nonnegative() }))
    .min(1)
    .refine((bands) => bands.every(({ until }, i) => i === 0 || bands[i - 1]!.until < until), {
      error: 'bands must be in ascending order of until',
    })
    .refine((bands) => bands.at(-1)?.until === 1, { error: 'the last band must go until 1' })
    .optional()
    .describe('Factors by diffusion time t, in bands: each from the end of the one before to `until`'),
});

/** The recipe, once: fields, ranges and defaults. Unknown keys are errors everywhere. */
export function recipeSchema({ ref, plugin }: RecipeLeaves) {
  const term = z
    .strictObject({
      loss: ref('alignmentLoss'),
      layers: ref('targetLayers'),
      weight: z.union([z.number().nonnegative(), weightSchedule]).default(0.5).describe('λ of the term'),
      teacher: ref('teacher').optional().describe("Instead of the alignment's teacher"),
      cache: teacherCache.optional(),
    })
    .refine(({ teacher, cache }) => cache === undefined || teacher !== undefined, {
      path: ['cache'],
      error: "a term without a teacher of its own has the alignment's cache",
    });
  const alignmentShape = z.strictObject({
    teacher: ref('teacher').optional().describe('The frozen encoder; for terms that compare with one'),
    cache: teacherCache.optional(),
    until: ref('trigger').optional().describe('Ends alignment; without it, it never ends'),
    terms: z
      .record(termName, term)
      .refine((terms) => Object.keys(terms).length > 0, { error: 'name at least one term, or leave alignment out' })
      .describe('Losses by names of your choice'),
  });
  const alignment = alignmentShape.refine(({ teacher, cache }) => cache === undefined || teacher !== undefined, {
    path: ['cache'],
    error: 'there is no teacher whose features could be kept',
  });
  const checkpoints = z.strictObject({
    every: count('Steps from one checkpoint to the next').default(1000),
    keep: count('Newest checkpoints that stay; the one at the phase change always stays').default(3),
    at: z.array(z.number().int().positive()).default([]).describe('More steps with a checkpoint, which stays'),
  });
  const sampling = z.strictObject({
    sampler: ref('sampler').prefault({ id: 'sampler/euler-maruyama', with: { steps: 250 } }),
    guidance: guidance.prefault({}),
    perClass: count('Samples of each class').default(8),
    seed: seed('Seed of the noise that samples start from'),
  });
  return z.strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][\w.-]{0,99}$/, {
        error:
          'expected up to 100 letters, digits, ".", "_" and "-", starting with a letter or digit: it names a folder',
      })
      .describe('Names the run'),
    seed: seed('Every random number of the run follows from it'),
    plugins: z.array(plugin).default([]).describe('Modules of plugins that are not built in'),
    backend: ref('backend').optional().describe('Default: the best available'),
    precision: z
      .enum(['float32', 'bf16'])
      .default('float32')
      .describe('What products and activations are computed in; bf16 needs a backend that can'),
    student: ref('student').describe('The diffusion transformer to train'),
    data: ref('dataset').describe('The images to train on'),
    path: z.enum(['linear', 'cosine']).default('linear').describe('Interpolant between data and noise'),
    time: z.enum(['uniform', 'lognormal']).default('uniform').describe('How diffusion times are drawn'),
    labelDropout: z.number().min(0).max(1).default(0.1).describe('Share of labels replaced by the null class'),
    alignment: alignment.nullable().default(null).describe('Phase I; null trains without a teacher'),
    steps: count('Optimizer steps of the whole run'),
    batchSize: count('Images a step').default(256),
    optimizer: ref('optimizer').prefault('optimizer/adamw'),
    gradientClip: z.number().positive().nullable().default(1).describe('Largest global gradient norm; null is off'),
    ema: z
      .strictObject({ decay: z.number().min(0).lt(1).default(0.9999) })
      .prefault({})
      .describe('Moving average of the weights'),
    metrics: z.array(ref('metric')).default([]),
    loggers: z.array(ref('logger')).prefault(['logger/jsonl']),
    checkpoints: checkpoints.prefault({}),
    sampling: sampling.prefault({}),
  });
}
