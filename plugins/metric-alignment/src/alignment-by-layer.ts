import {
  type AlignmentLoss,
  type ComparedPair,
  type Extensions,
  HasteError,
  type JsonObject,
  type Metric,
  type Ref,
  Services,
  checkImages,
  defineMetric,
} from '@hastejs/plugin-api';
import { z } from 'zod';
import { type PairDistance, pairDistances } from './distance.js';

const WHERE = 'metric/alignment';

const options = z.strictObject({
  every: z.int().positive().default(1000).describe('Steps between measurements.'),
  terms: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('Alignment terms to look at; default: each of the recipe that holds tokens or maps against a teacher.'),
  time: z.number().min(0).max(1).default(0.5).describe('Diffusion time at which the student sees the images.'),
  images: z.int().positive().default(512).describe('Size of the fixed probe set.'),
  name: z
    .string()
    .regex(/^[\w-]+$/)
    .default('alignment')
    .describe('Names the values: `metric/<name>/<term>/block<n>`.'),
});

/**
 * How far each aligned student layer is from its teacher, on images that stay the same (HASTE, METHOD section 3 as a
 * measurement). For a term that compares tokens `<name>/<term>/block<n>` is the mean cosine between the student's projected
 * tokens and the teacher's, in [−1, 1]; for one that compares attention it is the KL divergence of the student's rows from
 * the teacher's, cross-entropy less the teacher's entropy, in nats, 0 for equal maps, with that entropy beside it as
 * `…/entropy`. A block with several teacher layers has their mean.
 *
 * A measurement costs one forward pass of student and teacher over the images for each term, up to the last layer that it
 * compares.
 * @throws HasteError EXTENSION_OPTIONS for terms that the recipe does not have, whose loss does not say how it projects, or
 * holds nothing against a teacher's token or map.
 */
export const alignmentByLayer = defineMetric({
  id: WHERE,
  summary: 'Cosine of tokens and KL divergence of attention maps, by aligned layer.',
  options,
  inject: {
    recipe: Services.recipe,
    student: Services.student,
    data: Services.data,
    extensions: Services.extensions,
  },
  create: async ({ every, terms, time, images, name }, { recipe, student, data, extensions }): Promise<Metric> => {
    checkImages(WHERE, images, data);
    const reads = await kindsOf(terms, recipe, extensions);
    const blocks = Array.from({ length: student.blocks }, (_, block) => block);
    const valuesOf = (term: string, block: number, kind: Compared) => {
      const value = `${name}/${term}/block${block}`;
      return kind === 'attention' ? [value, `${value}/entropy`] : [value];
    };
    return {
      names: [...reads].flatMap(([term, kind]) => blocks.flatMap((block) => valuesOf(term, block, kind))),
      every,
      needsAlignment: true,
      async measure({ probes }) {
        const means = new Map<string, Mean>();
        for await (const batch of probes(images)) {
          for (const term of reads.keys()) {
            const distances = await pairDistances(() => batch.pairs(term, time));
            for (const one of distances) addTo(means, `${name}/${term}/block${one.block}`, one, batch.size);
          }
        }
        return Object.fromEntries([...means].map(([key, { sum, weight }]) => [key, sum / weight]));
      },
    };
  },
});

type Compared = ComparedPair['reads'];

interface Mean {
  sum: number;
  weight: number;
}

function addTo(means: Map<string, Mean>, key: string, { reads, value, entropy }: PairDistance, size: number): void {
  const entries: [string, number][] = [[key, value]];
  if (reads === 'attention') entries.push([`${key}/entropy`, entropy]);
  for (const [name, number] of entries) {
    const mean = means.get(name) ?? { sum: 0, weight: 0 };
    means.set(name, mean);
    mean.sum += number * size;
    mean.weight += size;
  }
}

/** What each term compares. Losses are made for that alone: they own nothing before a run begins. */
async function kindsOf(
  asked: readonly string[] | undefined,
  recipe: JsonObject,
  extensions: Extensions,
): Promise<ReadonlyMap<string, Compared>> {
  const alignment = recipe['alignment'] as { terms: Record<string, { loss: Ref<'alignmentLoss'> }> } | null | undefined;
  const known = alignment?.terms ?? {};
  const terms = asked ?? Object.keys(known);
  const unknown = terms.filter((term) => !(term in known));
  if (terms.length === 0 || unknown.length > 0) throw noSuchTerm(unknown, Object.keys(known));
  const kinds = new Map<string, Compared>();
  for (const term of terms) {
    const loss = await extensions.create(known[term]!.loss);
    const compared = comparedBy(term, loss);
    if (compared) kinds.set(term, compared);
    else if (asked) throw comparesNothing([term]);
  }
  if (kinds.size === 0) throw comparesNothing(terms);
  return kinds;
}

/** What a term holds against what its teacher has in the same place; null: nothing. */
function comparedBy(term: string, loss: AlignmentLoss): Compared | null {
  if (loss.reads === 'student') return null;
  if (loss.reads === 'attention') return 'attention';
  if (loss.project === undefined && loss.init) throw doesNotProject(term);
  return loss.project === null ? null : 'tokens';
}

function comparesNothing(terms: readonly string[]): HasteError {
  return new HasteError('EXTENSION_OPTIONS', {
    what: `${terms.map((term) => `"${term}"`).join(', ')} ${terms.length === 1 ? 'holds' : 'hold'} no token or map of the student against one of a teacher.`,
    where: `${WHERE}, terms`,
    fix: 'Name terms that do, such as those of loss/feature and loss/attention, or take the metric out of the recipe.',
  });
}

function noSuchTerm(unknown: readonly string[], known: readonly string[]): HasteError {
  const names = unknown.map((term) => `"${term}"`).join(', ');
  return new HasteError('EXTENSION_OPTIONS', {
    what: known.length > 0 ? `The recipe has no alignment term ${names}.` : 'The recipe has no alignment.',
    where: `${WHERE}, terms`,
    fix: known.length > 0 ? `Name terms of the recipe: ${known.join(', ')}.` : 'Take the metric out of the recipe.',
  });
}

function doesNotProject(term: string): HasteError {
  return new HasteError('EXTENSION_OPTIONS', {
    what: `The loss of "${term}" has parameters of its own, but does not say how it projects the student's tokens.`,
    where: `${WHERE}, terms`,
    fix: 'Leave the term out, or give the loss a `project` (plugin-api, TokenAlignmentLoss).',
  });
}
