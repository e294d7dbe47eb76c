// B batch, T tokens, D width, L blocks.
import { type Metric, Services, checkImages, checkedBlocks, defineMetric } from '@hastejs/plugin-api';
import { type Tensor1D, type Tensor3D, tf } from '@hastejs/tensor';
import { z } from 'zod';

const WHERE = 'metric/template-id';

const options = z.strictObject({
  every: z.int().positive().default(1000).describe('Steps between measurements.'),
  blocks: z
    .array(z.int().nonnegative())
    .min(1)
    .optional()
    .describe('Student blocks, counted from 0; default: all of them.'),
  time: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('Diffusion time at which the student sees the images; 0 is data.'),
  images: z.int().positive().default(128).describe('Size of the fixed probe set.'),
});

/**
 * How alike the tokens of one image have become: the mean cosine between all pairs of different tokens, by block, averaged
 * over the probe set. In [−1, 1]; towards 1 the tokens say the same everywhere (oversmoothing: Dong et al., arXiv 2103.03404),
 * and nothing local is left for a head to draw. Values: `metric/template-id/block<n>`.
 *
 * A measurement costs one forward pass over the images, up to the last block; no pair is ever formed.
 * @throws HasteError LAYERS_INVALID, EXTENSION_OPTIONS for blocks or images that there are not.
 */
export const templateExport = defineMetric({
  id: WHERE,
  summary: 'Mean cosine between the tokens of an image, by block.',
  options,
  inject: { student: Services.student, data: Services.data },
  create: ({ every, blocks, time, images }, { student, data }): Metric => {
    checkImages(WHERE, images, data);
    const all = Array.from({ length: student.blocks }, (_, block) => block);
    const wanted = checkedBlocks(WHERE, blocks ?? all, student);
    const names = wanted.map((block) => `template-id/block${block}`);
    return {
      names,
      every,
      needsAlignment: false,
      async measure(context) {
        const sums = new Float64Array(wanted.length);
        for await (const batch of context.probes(images)) {
          const likeness_L = tf.tidy(() => {
            const { tokens } = batch.taps({ tokens: wanted, attention: [] }, time);
            return tf.stack(wanted.map((block) => tf.sum(tokenLikeness(tokens.get(block)!))));
          });
          (await likeness_L.data()).forEach((sum, index) => (sums[index]! += sum));
          likeness_L.dispose();
        }
        return Object.fromEntries(names.map((name, index) => [name, sums[index]! / images]));
      },
    };
  },
});

/**
 * Mean cosine between different tokens of each image: [B, T, D] → [B]. With u the tokens at length 1, Σ u·u′ over all pairs is
 * ‖Σu‖², of which T are tokens with themselves.
 */
export function tokenLikeness(tokens_BTD: Tensor3D): Tensor1D {
  return tf.tidy(() => {
    const T = tokens_BTD.shape[1];
    const length_BT1 = tf.maximum(tf.norm(tokens_BTD, 2, -1, true), 1e-12);
    const sum_BD = tf.sum(tf.div(tokens_BTD, length_BT1), 1);
    return tf.div(tf.sub(tf.sum(tf.square(sum_BD), -1), T), T * (T - 1)) as Tensor1D;
  });
}
