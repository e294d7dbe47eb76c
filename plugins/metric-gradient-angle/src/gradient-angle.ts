import { type Metric, type MetricContext, HasteError, Services, defineMetric } from '@hastejs/plugin-api';
import { type Params, disposeParams } from '@hastejs/tensor';
import { z } from 'zod';
import { checkedBlocks, checkedTerms, inBlocks } from './checks.js';
import { cosineBetween, meanAndError } from './cosine.js';

const options = z.strictObject({
  every: z.int().positive().default(1000).describe('Steps between measurements.'),
  terms: z.array(z.string()).min(1).optional().describe('Alignment terms to compare; default: all of the recipe.'),
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
});

/**
 * The cosine between the gradient of the denoising loss and that of each alignment term, the paper's measure of when
 * alignment turns from help to hindrance (HASTE, appendix A): acute while it helps, then orthogonal, then obtuse.
 *
 * Yields `gradient_cosine/<term>`, the mean over times, and `gradient_cosine/<term>/error`, the standard error of that
 * mean: the values are small and noisy, so read them together. A measurement costs a forward and a backward pass for
 * every time and every term, denoising included. The paper took one block (`blocks: [4]` for SiT-B) every 10,000 steps.
 */
export const gradientAngle = defineMetric({
  id: 'metric/gradient-angle',
  summary: 'Cosine between the gradients of denoising and of each alignment term.',
  options,
  inject: { recipe: Services.recipe, student: Services.student },
  create: ({ every, terms, blocks, times }, { recipe, student }): Metric => {
    const compared = checkedTerms(terms, recipe);
    const counts = blocks ? inBlocks(checkedBlocks(blocks, student)) : () => true;
    return {
      names: compared.flatMap((term) => [valueName(term), errorName(term)]),
      every,
      needsAlignment: true,
      async measure(context) {
        const cosines = new Map(compared.map((term): [string, number[]] => [term, []]));
        for (const time of times) await measureAt(time, context, counts, cosines);
        return Object.fromEntries([...cosines].flatMap(([term, values]) => entriesOf(term, values)));
      },
    };
  },
});

const valueName = (term: string) => `gradient_cosine/${term}`;
const errorName = (term: string) => `gradient_cosine/${term}/error`;

function entriesOf(term: string, cosines: readonly number[]): [string, number][] {
  const { mean, error } = meanAndError(cosines);
  return [[valueName(term), mean], [errorName(term), error]]; // prettier-ignore
}

/** Adds one cosine per term. One alignment gradient is alive at a time. */
async function measureAt(
  time: number,
  context: MetricContext,
  counts: (parameter: string) => boolean,
  cosines: ReadonlyMap<string, number[]>,
): Promise<void> {
  const denoise = context.gradients('denoise', [time]);
  try {
    for (const [term, values] of cosines) {
      const aligned = context.gradients(term, [time]);
      try {
        values.push(await cosineBetween(denoise, aligned, sharedNames(term, denoise, aligned, counts)));
      } finally {
        disposeParams(aligned);
      }
    }
  } finally {
    disposeParams(denoise);
  }
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
