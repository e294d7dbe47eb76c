// L blocks looked at, B images of a batch, N of the probe set, H heads, T tokens, d head size.
import { type Metric, Services, defineMetric, gridTokens } from '@hastejs/plugin-api';
import { type Tensor2D, tf } from '@hastejs/tensor';
import { z } from 'zod';
import { gridDistances, headDistances } from './head-distances.js';
import { imagesAtOnce, layerOptions, layersOf } from './options.js';

const WHERE = 'metric/attention-distance';

/**
 * How far the attention of each student layer reaches: the distance on the token grid between a query and its keys, weighted
 * by attention, mean over queries and images (Dosovitskiy et al. 2021, mean attention distance). Yields
 * `<name>/block<n>`, the mean over heads in patches, and `<name>/block<n>/spread`, the standard deviation between heads: local and
 * global heads side by side have a large one. It needs no teacher, so it goes on after alignment has ended.
 *
 * A measurement costs a forward pass of the student over the images, and a map for each head, some of which are alive at a
 * time.
 */
export const attentionDistance = defineMetric({
  id: WHERE,
  summary: 'How many patches away attention looks, by layer.',
  options: z.strictObject(layerOptions('attention_distance', 64)),
  inject: { student: Services.student, data: Services.data },
  create: (options, { student, data }): Metric => {
    const { every, images, time, labels } = options;
    const { blocks, nameOf } = layersOf(WHERE, options, student, data);
    const atOnce = imagesAtOnce(2 * gridTokens(student.grid) * student.heads * student.headDim * blocks.length);
    return {
      names: blocks.flatMap((block) => [nameOf(block), `${nameOf(block)}/spread`]),
      every,
      needsAlignment: false,
      async measure({ probes }) {
        const sums_LH = new Float64Array(blocks.length * student.heads);
        for await (const batch of probes(images, atOnce)) {
          const batch_LH = tf.tidy(() => {
            const { attention } = batch.taps({ tokens: [], attention: blocks }, time, labels);
            const apart_TT = gridDistances(student.grid);
            return tf.stack(blocks.map((block) => headDistances(attention.get(block)!, apart_TT))) as Tensor2D;
          });
          const means = await batch_LH.data();
          batch_LH.dispose();
          means.forEach((mean, at) => (sums_LH[at]! += (mean * batch.size) / images));
        }
        return Object.fromEntries(
          blocks.flatMap((block, layer) => {
            const heads = [...sums_LH.subarray(layer * student.heads, (layer + 1) * student.heads)];
            const mean = heads.reduce((sum, value) => sum + value, 0) / heads.length;
            const variance = heads.reduce((sum, value) => sum + (value - mean) ** 2, 0) / heads.length;
            return [[nameOf(block), mean], [`${nameOf(block)}/spread`, Math.sqrt(variance)]]; // prettier-ignore
          }),
        );
      },
    };
  },
});
