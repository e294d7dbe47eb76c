// B batch, C channels, H×W pixels, T tokens, D width.
import { Services, type TapValues, type TeacherEncoder, type TeacherSpec, defineTeacher } from '@hastejs/plugin-api';
import { type Tensor3D, tf } from '@hastejs/tensor';
import { z } from 'zod';

/** Mean and standard deviation of every channel in each patch: where it is bright, and where something happens. */
export const patchStatistics = defineTeacher({
  id: 'teacher/patch-statistics',
  summary: 'Mean and standard deviation of the pixels of each patch.',
  options: z.strictObject({
    contrast: z.number().positive().default(4).describe('Factor on the standard deviations, which are small'),
  }),
  inject: { student: Services.student },
  create: ({ contrast }, { student }): TeacherEncoder => {
    const { grid, input } = student;
    const width = 2 * input.channels;
    const spec: TeacherSpec = { name: 'patch statistics', blocks: 1, width, heads: 1, headDim: width, grid };
    return {
      spec: { ...spec, offers: { tokens: [0, 'final'], attention: [] } },
      repeatable: true,
      encode: (images_BCHW, { tokens }): TapValues => {
        const [B, C, H, W] = images_BCHW.shape;
        const cells = tf.reshape(images_BCHW, [B, C, grid.height, H / grid.height, grid.width, W / grid.width]);
        const { mean, variance } = tf.moments(tf.div(cells, 255), [3, 5]);
        const statistics = tf.concat([mean, tf.mul(tf.sqrt(variance), contrast)], 1);
        const tokens_BTD = tf.reshape(tf.transpose(statistics, [0, 2, 3, 1]), [B, -1, width]) as Tensor3D;
        return { tokens: new Map(tokens.map((site) => [site, tokens_BTD])), attention: new Map() };
      },
      dispose: () => undefined,
    };
  },
});
