import { type Metric, Services, checkImages, checkedBlocks, defineMetric } from '@hastejs/plugin-api';
import { z } from 'zod';
import { checkedTerms } from './checks.js';
import { meanAndError } from './cosine.js';
import { type Cosines, cosinesOn } from './measure.js';
import { partsOf } from './parts.js';

const WHERE = 'metric/gradient-angle';

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
  by: z
    .array(z.enum(['block', 'time']))
    .default([])
    .describe('Also a value for each student block, for each time, or both.'),
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
 * Yields `<name>/<term>` and `<name>/<term>/error`, and with `by` also `<name>/<term>/block<n>` for every block that the
 * term reaches and `<name>/<term>/t<time>`, which cost no further pass. Over a probe set the value is the mean over its batches of their mean
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
  create: ({ every, terms, blocks, times, images, by, name }, { recipe, student, data }): Metric => {
    if (images !== undefined) checkImages(WHERE, images, data);
    const compared = checkedTerms(terms, recipe);
    const parts = partsOf(blocks && checkedBlocks(WHERE, blocks, student), student, by.includes('block'));
    const byTime = by.includes('time') ? times : [];
    const suffixes = [...parts.map(({ suffix }) => suffix), ...byTime.map((time) => `/t${time}`)];
    const values = compared.flatMap((term) => suffixes.map((suffix) => `${name}/${term}${suffix}`));
    return {
      names: values.flatMap((value) => [value, `${value}/error`]),
      every,
      needsAlignment: true,
      async measure(context) {
        const question = { terms: compared, times, parts };
        const batches: Cosines[] = [];
        if (images === undefined) batches.push(await cosinesOn(context, question));
        else for await (const batch of context.probes(images)) batches.push(await cosinesOn(batch, question));
        const overTimes = [...batches[0]!.keys()].flatMap((key) => entriesOf(`${name}/${key}`, ofKey(batches, key)));
        const atTimes = compared.flatMap((term) =>
          byTime.flatMap((time, at) => atTime(`${name}/${term}/t${time}`, ofKey(batches, term), at)),
        );
        return Object.fromEntries([...overTimes, ...atTimes]);
      },
    };
  },
});

const ofKey = (batches: readonly Cosines[], key: string): (readonly number[])[] => batches.map((of) => of.get(key)!);

/** @param cosines of each batch, for each time. */
function entriesOf(name: string, cosines: readonly (readonly number[])[]): [string, number][] {
  const independent = cosines.length > 1 ? cosines.map((ofBatch) => meanAndError(ofBatch).mean) : cosines[0]!;
  const { mean, error } = meanAndError(independent);
  return [[name, mean], [`${name}/error`, error]]; // prettier-ignore
}

/** At one time, only batches are independent: a single one says nothing of its error. */
function atTime(name: string, cosines: readonly (readonly number[])[], at: number): [string, number][] {
  const { mean, error } = meanAndError(cosines.map((ofBatch) => ofBatch[at]!));
  return cosines.length > 1 ? [[name, mean], [`${name}/error`, error]] : [[name, mean]]; // prettier-ignore
}
