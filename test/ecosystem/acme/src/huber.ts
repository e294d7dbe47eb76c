// B batch, T tokens, Dₛ and Dₜ widths of student and teacher.
import { defineAlignmentLoss } from '@hastejs/plugin-api';
import { type Tensor2D, tf } from '@hastejs/tensor';
import { z } from 'zod';

export const huber = defineAlignmentLoss({
  id: 'loss/huber',
  summary: 'Pseudo-Huber distance of tokens through a linear projector.',
  options: z.strictObject({ delta: z.number().positive().default(1).describe('Where it turns from square to linear') }),
  create: ({ delta }) => ({
    reads: 'tokens',
    repeatable: true,
    init: ({ student, teacher }, rng) => ({
      weight: tf.tensor2d(rng.normal(student.width * teacher.width), [student.width, teacher.width]).mul(0.02),
    }),
    loss: (student_BTD, teacher_BTD, { weight }) => {
      const [B, T, D] = student_BTD.shape;
      const projected = tf.matMul(tf.reshape(student_BTD, [B * T, D]), weight as Tensor2D);
      const error = tf.sub(projected, tf.reshape(teacher_BTD, projected.shape));
      return tf.mean(tf.sub(tf.sqrt(tf.add(tf.square(tf.div(error, delta)), 1)), 1));
    },
  }),
});
