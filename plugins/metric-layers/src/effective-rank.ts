import { effectiveRank } from '@hastejs/evaluation';
import { type Metric, Services, defineMetric } from '@hastejs/plugin-api';
import { z } from 'zod';
import { studentFeatures } from './features.js';
import { layerOptions, layersOf } from './options.js';

const WHERE = 'metric/effective-rank';

const options = z.strictObject({
  ...layerOptions('effective_rank', 1024),
  of: z
    .enum(['images', 'tokens'])
    .default('images')
    .describe(
      'Features: the mean over the tokens of each image, or one token of each image, at places that go round the grid.',
    ),
});

/**
 * How many directions the features of each student layer use: exp of the entropy of their singular values (Roy and Vetterli
 * 2007), centred. Yields `<name>/block<n>`, between 1 and the smaller of width and images − 1. It needs no teacher, so it
 * goes on after alignment has ended.
 *
 * A measurement costs a forward pass of the student over the images, and for each layer images·width² + 4/3·width³ operations
 * on the host, in float64.
 */
export const effectiveRankByLayer = defineMetric({
  id: WHERE,
  summary: 'Number of directions that the features of each layer use.',
  options,
  inject: { student: Services.student, data: Services.data },
  create: (options, { student, data }): Metric => {
    const { every, images, time, labels, of: row } = options;
    const { blocks, nameOf } = layersOf(WHERE, options, student, data);
    return {
      names: blocks.map(nameOf),
      every,
      needsAlignment: false,
      async measure(context) {
        const { layers, width } = await studentFeatures(context, { images, time, labels, blocks, row }, student);
        const rank = (rows_ND: Float32Array) => effectiveRank({ rows_ND, width });
        return Object.fromEntries(blocks.map((block) => [nameOf(block), rank(layers.get(block)!)]));
      },
    };
  },
});
