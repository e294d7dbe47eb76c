// B batch, T tokens, D width: Dₛ of the student's tokens, Dₜ of the teacher's.
import { type TokenAlignmentLoss, defineAlignmentLoss } from '@hastejs/plugin-api';
import { type Tensor3D, linear, normalTensor, tf } from '@hastejs/tensor';
import { z } from 'zod';

/** Σ (Ws + b − z)² / (B·T·Dₜ): the teacher's tokens z are a linear map of the student's s. */
export const linearRegression = defineAlignmentLoss({
  id: 'loss/linear-regression',
  summary: 'Mean squared error of a linear map from student tokens to teacher tokens.',
  options: z.strictObject({
    std: z.number().positive().default(0.02).describe('Standard deviation of the initial map'),
  }),
  create: ({ std }): TokenAlignmentLoss => ({
    reads: 'tokens',
    repeatable: true,
    init: ({ student, teacher }, rng) =>
      tf.tidy(() => ({
        weight: tf.mul(normalTensor(rng.stream('weight'), [teacher.width, student.width]), std),
        bias: tf.zeros([teacher.width]),
      })),
    loss: (student_BTD, teacher_BTD, { weight, bias }) => {
      const mapped_BTD = linear(student_BTD, weight!, bias!) as Tensor3D;
      return tf.mean(tf.squaredDifference(mapped_BTD, teacher_BTD));
    },
  }),
});
