// B images, N of the probe set, T tokens, D width.
import { type Neighbours, cknna, nearestNeighbours } from '@hastejs/evaluation';
import {
  type Extensions,
  HasteError,
  type JsonObject,
  type Metric,
  type MetricContext,
  type ProbeBatch,
  type Ref,
  Services,
  type StudentSpec,
  defineMetric,
} from '@hastejs/plugin-api';
import { tf } from '@hastejs/tensor';
import { z } from 'zod';
import { type Look, readRows, studentFeatures } from './features.js';
import { layerOptions, layersOf } from './options.js';

const WHERE = 'metric/cknna';

const options = z.strictObject({
  ...layerOptions('cknna', 512),
  neighbours: z.int().min(2).default(10).describe('Nearest neighbours that count (k).'),
  term: z
    .string()
    .optional()
    .describe("Alignment term whose teacher is compared with; default: the recipe's first that reads tokens."),
});

/**
 * Centred kernel nearest-neighbour alignment of each student layer with the teacher (Huh et al. 2024; REPA, arXiv
 * 2410.06940, measures diffusion transformers with it): whether images that are alike to the one are alike to the other,
 * whatever the widths. Features are means over tokens; the teacher's are of the deepest layer that the term takes. Yields
 * `<name>/block<n>`, at most 1, around 0 for unrelated features; compare values with the same `images` and `neighbours`.
 *
 * A measurement costs a forward pass of student and teacher over the images, and images²·width operations for each layer on
 * the host, in float64.
 * @throws HasteError EXTENSION_OPTIONS for a term that does not exist or reads no tokens, or too few images.
 */
export const cknnaByLayer = defineMetric({
  id: WHERE,
  summary: 'Alignment of neighbourhoods with the teacher (CKNNA), by layer.',
  options,
  inject: {
    recipe: Services.recipe,
    student: Services.student,
    data: Services.data,
    extensions: Services.extensions,
  },
  create: async (options, { recipe, student, data, extensions }): Promise<Metric> => {
    const { every, images, time, labels, neighbours: k } = options;
    const { blocks, nameOf } = layersOf(WHERE, options, student, data);
    if (images <= k) throw tooFew(images, k);
    const term = await tokenTerm(options.term, recipe, extensions);
    return {
      names: blocks.map(nameOf),
      every,
      needsAlignment: true,
      async measure(context) {
        const { near, teacher } = await neighboursOf(context, { images, time, labels, blocks }, { student, term, k });
        return Object.fromEntries(blocks.map((block) => [nameOf(block), cknna(near(block), teacher)]));
      },
    };
  },
});

/** Neighbours in the teacher's feature space, and in that of a block, on the same images. */
async function neighboursOf(
  context: MetricContext,
  look: Look,
  { student, term, k }: { student: StudentSpec; term: string; k: number },
): Promise<{ near: (block: number) => Neighbours; teacher: Neighbours }> {
  const parts: Float32Array[] = [];
  const { layers, width } = await studentFeatures(context, look, student, async (batch) => {
    parts.push(await teacherRows(batch, term, look.time));
  });
  const rows_ND = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (rows_ND.set(part, at), at + part.length), 0);
  const teacher = nearestNeighbours({ rows_ND, width: rows_ND.length / look.images }, k);
  return { near: (block) => nearestNeighbours({ rows_ND: layers.get(block)!, width }, k), teacher };
}

/** Means over the tokens of the deepest layer that the term takes, [B·D]. */
async function teacherRows(batch: ProbeBatch, term: string, time: number): Promise<Float32Array> {
  const [rows_BD] = await readRows(() => {
    const deepest_BTD = [...batch.teacher(term, time).tokens.values()].at(-1)!;
    return [tf.mean(deepest_BTD, 1)];
  });
  return rows_BD!;
}

async function tokenTerm(asked: string | undefined, recipe: JsonObject, extensions: Extensions): Promise<string> {
  const alignment = recipe['alignment'] as { terms: Record<string, { loss: Ref<'alignmentLoss'> }> } | null | undefined;
  const readers: string[] = [];
  for (const [name, { loss }] of Object.entries(alignment?.terms ?? {})) {
    if ((await extensions.create(loss)).reads === 'tokens') readers.push(name);
  }
  const term = asked ?? readers[0];
  if (term !== undefined && readers.includes(term)) return term;
  throw new HasteError('EXTENSION_OPTIONS', {
    what:
      asked === undefined
        ? "No alignment term of the recipe reads the teacher's tokens."
        : `The recipe has no alignment term "${asked}" that reads tokens.`,
    where: `${WHERE}, term`,
    fix:
      readers.length > 0
        ? `Name one of ${readers.join(', ')}.`
        : 'Add a term that aligns features (a weight of 0 will do), or take the metric out of the recipe.',
  });
}

function tooFew(images: number, k: number): HasteError {
  return new HasteError('EXTENSION_OPTIONS', {
    what: `${images} images have no ${k} neighbours each.`,
    where: `${WHERE}, images`,
    fix: `Ask for more than ${k} images, or for fewer neighbours.`,
  });
}
