import {
  SHIPPED_CLASSIFIER,
  evenLabels,
  judgeDataset,
  openClassifier,
  scoreSamples,
  testSplitOf,
} from '@hastejs/evaluation';
import {
  type Guidance,
  type JsonObject,
  type Metric,
  type Ref,
  Services,
  defineMetric,
  reference,
} from '@hastejs/plugin-api';
import { z } from 'zod';

const options = z.strictObject({
  every: z.int().positive().default(1000).describe('Steps between measurements.'),
  samples: z
    .int()
    .min(2)
    .default(1000)
    .describe('Images drawn each time. Few are biased upwards: compare equal counts only.'),
  classifier: z
    .string()
    .min(1)
    .default(SHIPPED_CLASSIFIER)
    .describe('Weights of the classifier whose features are compared.'),
  against: reference('dataset')
    .optional()
    .describe("Images to compare with; default: the test split of the recipe's data."),
  sampler: reference('sampler').optional().describe("How images are drawn; default: the recipe's sampler."),
  seed: z.int().nonnegative().default(0).describe('Seed of the noise, the same at every measurement.'),
});

/** The part of a resolved recipe that says how it is sampled and what it learns from. */
interface Sampled {
  readonly data: Ref<'dataset'>;
  readonly sampling: { readonly sampler: Ref<'sampler'>; readonly guidance: Guidance };
}

/**
 * Draws samples from the moving average, and compares them with test images in the feature space of a classifier that knows
 * neither student nor teacher. Yields `frechet` (lower is better) and `frechet/accuracy`, the share of samples that the
 * classifier takes for their own label. `trigger/metric` can watch either.
 *
 * Drawing is what it costs: samples × steps of the sampler forward passes, twice as many with guidance. It changes no
 * random number of the run.
 */
export const frechet = defineMetric({
  id: 'metric/frechet',
  summary: 'Fréchet distance of samples to test images, and their accuracy on their label.',
  options,
  inject: { recipe: Services.recipe, data: Services.data, files: Services.files, extensions: Services.extensions },
  create: async (options, { recipe, data, files, extensions }): Promise<Metric & { dispose(): void }> => {
    const { data: own, sampling } = recipe as JsonObject & Sampled;
    const sampler = await extensions.create(options.sampler ?? sampling.sampler);
    const classifier = await openClassifier(files.resolve(options.classifier));
    const dataset = await extensions.create(options.against ?? testSplitOf(own));
    // Thousands of images go through the classifier: when somebody wants the distance, once.
    let reference: ReturnType<typeof judgeDataset> | null = null;
    const labels_B = evenLabels(data.classes.length, options.samples);
    return {
      names: ['frechet', 'frechet/accuracy'],
      every: options.every,
      needsAlignment: false,
      dispose: () => classifier.dispose(),
      async measure({ sample }) {
        const { guidance } = sampling;
        const { moments } = await (reference ??= judgeDataset(classifier, dataset));
        const images_BCHW = await sample({ labels_B, sampler, guidance, seed: options.seed });
        const score = await scoreSamples(classifier, { images_BCHW, labels_B, shape: data.image }, moments);
        return { frechet: score.frechet, 'frechet/accuracy': score.accuracy };
      },
    };
  },
});
