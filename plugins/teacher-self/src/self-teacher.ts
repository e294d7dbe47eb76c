// B batch.
import { Services, type StudentSpec, type TeacherSpec, defineTeacher } from '@hastejs/plugin-api';
import { type Rng, type Tensor1D, tf } from '@hastejs/tensor';
import { z } from 'zod';

/**
 * Self-representation alignment (SRA, arXiv 2505.02831, section 3): early blocks of the student at time t learn from later
 * blocks of its own moving average at a cleaner time t′ ≤ t of the same image with the same noise and label. There is no
 * encoder and no weight file; a step costs a forward pass up to the last block asked for.
 *
 * The defaults are those of the released code: t′ = max(0, t − 0.2·u), u ~ U(0, 1) for each image. Its blocks, counted from
 * 0 as here: SiT-B 3 ← 7, SiT-XL 7 ← 19 (`layers/pairs`); its term has a projector of its own and weight 0.2.
 */
export const selfTeacher = defineTeacher({
  id: 'teacher/self',
  summary: "The student's own moving average at a cleaner time (SRA).",
  options: z.strictObject({
    timeGap: z
      .number()
      .min(0)
      .max(1)
      .default(0.2)
      .describe("How far the teacher's time lies before the student's, at most."),
    draw: z
      .enum(['uniform', 'fixed'])
      .default('uniform')
      .describe('uniform: a share of the gap drawn for each image. fixed: the whole gap.'),
  }),
  inject: { student: Services.student, rng: Services.rng },
  create: ({ timeGap, draw }, { student, rng }) => {
    const shares = rng.stream('teacher/self');
    return {
      spec: specOf(student),
      needs: 'student',
      encode: (_images_BCHW, taps, context) => {
        const { step, student: moment } = context!;
        const drawn = draw === 'uniform' ? shares.at(step) : null;
        return moment.tapsAt(cleanerTimes(moment.t_B, timeGap, drawn), taps);
      },
      dispose: () => undefined,
    };
  },
});

/** t′ = max(0, t − gap·u); without a draw, u = 1. */
function cleanerTimes(t_B: Tensor1D, gap: number, drawn: Rng | null): Tensor1D {
  const gaps = drawn ? tf.tensor1d(drawn.uniform(t_B.size).map((u) => gap * u)) : gap;
  return tf.relu(tf.sub(t_B, gaps));
}

/** Any block of the student. It has no final tokens: what follows its last block is modulated for the velocity. */
function specOf({ name, blocks, width, heads, headDim, grid }: StudentSpec): TeacherSpec {
  const every = Array.from({ length: blocks }, (_, block) => block);
  return { name: `EMA of ${name}`, blocks, width, heads, headDim, grid, offers: { tokens: every, attention: every } };
}
