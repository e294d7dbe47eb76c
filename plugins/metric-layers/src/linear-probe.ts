// N images of the probe set, F of them to fit, D width.
import { type LabelledRows, linearProbe } from '@hastejs/evaluation';
import { type Metric, Services, defineMetric } from '@hastejs/plugin-api';
import { z } from 'zod';
import { studentFeatures } from './features.js';
import { layerOptions, layersOf } from './options.js';

const WHERE = 'metric/linear-probe';

const options = z.strictObject({
  ...layerOptions('linear_probe', 2000),
  ridge: z
    .number()
    .positive()
    .default(0.01)
    .describe('Weight decay of the probe, relative to the variance of the features.'),
});

/**
 * How well a linear classifier reads the class of an image from each student layer: ridge regression in closed form on the
 * means over tokens, fitted on one half of the probe set and judged on the other. It needs no teacher, so it goes on after
 * alignment has ended. The student is told the null class: told the image's own, every layer would know it. Yields `<name>/block<n>`, accuracies in [0, 1], each with a
 * standard error of at most 1/√(2·images).
 *
 * A measurement costs a forward pass of the student over the images, and for each layer images·width² + width³/3 operations
 * on the host, in float64.
 */
export const linearProbeByLayer = defineMetric({
  id: WHERE,
  summary: 'Accuracy of a linear classifier on the features of each layer.',
  options,
  inject: { student: Services.student, data: Services.data },
  create: (options, { student, data }): Metric => {
    const { every, images, time, labels, ridge } = options;
    const { blocks, nameOf } = layersOf(WHERE, options, student, data);
    return {
      names: blocks.map(nameOf),
      every,
      needsAlignment: false,
      async measure(context) {
        const labels_N = new Int32Array(images);
        const { layers, width } = await studentFeatures(
          context,
          { images, time, labels, blocks },
          student,
          (batch, first) => labels_N.set(batch.labels_B, first),
        );
        const F = Math.floor(images / 2);
        const accuracy = (rows_ND: Float32Array) => {
          const part = (from: number, to: number): LabelledRows => ({
            rows_ND: rows_ND.subarray(from * width, to * width),
            width,
            labels_N: labels_N.subarray(from, to),
          });
          return linearProbe(part(0, F), part(F, images), { classes: student.classes, ridge });
        };
        return Object.fromEntries(blocks.map((block) => [nameOf(block), accuracy(layers.get(block)!)]));
      },
    };
  },
});
