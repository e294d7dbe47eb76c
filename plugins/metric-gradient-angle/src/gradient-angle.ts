import { type GradientSource, type Metric, HasteError, Services, defineMetric } from '@hastejs/plugin-api';
import { type Params, disposeParams } from '@hastejs/tensor';
import { z } from 'zod';
import { checkImages, checkedBlocks, checkedTerms, inBlocks } from './checks.js';
import { cosineBetween, meanAndError } from './cosine.js';

const options = z.strictObject({
  every: z.int().positive().default(1000).describe('Steps between measurements.'),
  terms: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('Alignment terms to compare, `alignment` for their weighted sum; default: each of the recipe.'),
  blocks: z
    .array(z.int().nonnegative())
    .min(1)
    .optional()
    .describe('Student blocks, from 0, whose parameters count; default: every parameter that both terms reach.'),
  times: z
    .array(z.number().gt(0).lt(1))
    .min(2)
    .default([0.02, 0.1, 0.5, 0.8])
    .describe('Diffusion times at which both gradients are taken.'),
  images: z
    .int()
    .positive()
    .optional()
    .describe('Size of a fixed probe set; default: the batch that was just trained on.'),
  name: z
    .string()
    .regex(/^[\w-]+$/)
    .default('gradient_cosine')
    .describe('Names the values: `metric/<name>/<term>`.'),
});

/**
 * The cosine between the gradient of the denoising loss and that of each alignment term, the paper's measure of when
 * alignment turns from help to hindrance (HASTE, appendix A): acute while it helps, then orthogonal, then obtuse.
 *
 * Yields `<name>/<term>` and `<name>/<term>/error`. Over a probe set the value is the mean over its batches of their mean
 * over times, and the error is the standard error over batches, which are independent; the times are chosen, not drawn.
 * Over a single batch the error is that over times. The values are small and noisy, so read both together. Gradients of
 * small batches are noisier than gradients of large ones, which draws their cosine towards 0: compare values at one batch
 * size.
 *
 * A measurement costs a forward and a backward pass over the images for every time and every term, denoising included. The
 * paper took one block (`blocks: [4]` for SiT-B) and 2,048 images every 10,000 steps.
 */
export const gradientAngle = defineMetric({
  id: 'metric/gradient-angle',
  summary: 'Cosine between the gradients of denoising and of each alignment term.',
  options,
  inject: { recipe: Services.recipe, student: Services.student, data: Services.data },
  create: ({ every, terms, blocks, times, images, name }, { recipe, student, data }): Metric => {
    checkImages(images, data);
    const compared = checkedTerms(terms, recipe);
    const counts = blocks ? inBlocks(checkedBlocks(blocks, student)) : () => true;
    return {
      names: compared.flatMap((term) => [`${name}/${term}`, `${name}/${term}/error`]),
      every,
      needsAlignment: true,
      async measure(context) {
        const batches: CosinesByTerm[] = [];
        const measureOn = async (source: GradientSource) => {
          batches.push(await cosinesOn(source, compared, times, counts));
        };
        if (images === undefined) await measureOn(context);
        else for await (const batch of context.probes(images)) await measureOn(batch);
        return Object.fromEntries(
          compared.flatMap((term) =>
            entriesOf(
              `${name}/${term}`,
              batches.map((of) => of.get(term)!),
            ),
          ),
        );
      },
    };
  },
});

/** One cosine for each time, by term. */
type CosinesByTerm = ReadonlyMap<string, readonly number[]>;

/** @param cosines of each batch, for each time. */
function entriesOf(name: string, cosines: readonly (readonly number[])[]): [string, number][] {
  const independent = cosines.length > 1 ? cosines.map((ofBatch) => meanAndError(ofBatch).mean) : cosines[0]!;
  const { mean, error } = meanAndError(independent);
  return [[name, mean], [`${name}/error`, error]]; // prettier-ignore
}

/** The cosines on one batch. One alignment gradient is alive at a time. */
async function cosinesOn(
  source: GradientSource,
  terms: readonly string[],
  times: readonly number[],
  counts: (parameter: string) => boolean,
): Promise<CosinesByTerm> {
  const cosines = new Map(terms.map((term): [string, number[]] => [term, []]));
  for (const time of times) {
    const denoise = source.gradients('denoise', [time]);
    try {
      for (const [term, values] of cosines) {
        const aligned = source.gradients(term, [time]);
        try {
          values.push(await cosineWithin(term, denoise, aligned, counts));
        } finally {
          disposeParams(aligned);
        }
      }
    } finally {
      disposeParams(denoise);
    }
  }
  return cosines;
}

/** 0 where a term does not count at this time at all, as where its gradient vanishes: it neither helps nor hinders. */
async function cosineWithin(
  term: string,
  denoise: Params,
  aligned: Params,
  counts: (parameter: string) => boolean,
): Promise<number> {
  if (Object.keys(aligned).length === 0) return 0;
  return cosineBetween(denoise, aligned, sharedNames(term, denoise, aligned, counts));
}

function sharedNames(term: string, a: Params, b: Params, counts: (parameter: string) => boolean): string[] {
  const names = Object.keys(a).filter((name) => name in b && counts(name));
  if (names.length > 0) return names;
  throw new HasteError('EXTENSION_OPTIONS', {
    what: `The gradient of "${term}" reaches none of the blocks given: they lie behind the term's last target layer.`,
    where: 'metric/gradient-angle, blocks',
    fix: 'Name blocks at or before the layers that the term aligns, or leave blocks out.',
  });
}
