// B batch, T tokens, D width: Dₛ of the student's tokens, Dₜ of the teacher's.
import { type TokenAlignmentLoss, defineAlignmentLoss } from '@hastejs/plugin-api';
import { type Params, type Tensor2D, type Tensor3D, layerNorm, linear, tf, uniformTensor } from '@hastejs/tensor';
import { z } from 'zod';

const options = z.strictObject({
  beta: z.number().positive().default(1).describe('Errors below it count squared, errors above it count as they are.'),
  whiten: z
    .boolean()
    .default(true)
    .describe("Whether the teacher's tokens are normalised one by one, to mean 0 and variance 1."),
});
type Options = z.output<typeof options>;

/**
 * Smooth L1 distance (Huber 1964; for features of a teacher: data2vec, arXiv 2202.03555): the mean over batch,
 * tokens and channels of e²/(2β) where e = |p − z| is below β, and of e − β/2 elsewhere. p is a linear map of the student's
 * tokens [B, T, Dₛ] to the teacher's width, z are the teacher's tokens [B, T, Dₜ]. At least 0; 0 is perfect alignment.
 *
 * Unlike the cosine it holds on to the length of tokens, unless they are whitened, and a few wild channels pull on it with
 * a bounded gradient.
 */
export const templateExport = defineAlignmentLoss({
  id: 'loss/template-id',
  summary: "Smooth L1 distance from linearly mapped student tokens to the teacher's.",
  options,
  create: smoothL1Loss,
});

function smoothL1Loss({ beta, whiten }: Options): TokenAlignmentLoss {
  const perToken = (student_BTD: Tensor3D, teacher_BTD: Tensor3D, params: Params): Tensor2D =>
    tf.tidy(() => {
      const target_BTD = whiten ? whitened(teacher_BTD) : teacher_BTD;
      return tf.mean(smoothL1(tf.sub(project(student_BTD, params), target_BTD), beta), -1);
    });
  return {
    reads: 'tokens',
    // No state, nothing read back to the host, no number that changes from step to step.
    repeatable: true,
    init: ({ student, teacher }, rng) => {
      const bound = Math.sqrt(6 / (student.width + teacher.width));
      return {
        weight: uniformTensor(rng.stream('weight'), [teacher.width, student.width], -bound, bound),
        bias: tf.zeros([teacher.width]),
      };
    },
    project,
    ...(whiten && { target: whitened }),
    // For what weighs tokens: the mean of it is the loss.
    perToken,
    loss: (student_BTD, teacher_BTD, params) => tf.tidy(() => tf.mean(perToken(student_BTD, teacher_BTD, params))),
  };
}

/** Each teacher token with mean 0 and variance 1: it does not say how long tokens are, only where they point. */
const whitened = (teacher_BTD: Tensor3D): Tensor3D => layerNorm(teacher_BTD, { eps: 1e-6 }) as Tensor3D;

function project(student_BTD: Tensor3D, { weight, bias }: Params): Tensor3D {
  return linear(student_BTD, weight!, bias!) as Tensor3D;
}

/** With m = min(|e|, β) both branches are m²/(2β) + (|e| − m). */
function smoothL1(error_BTD: Tensor3D, beta: number): Tensor3D {
  const size_BTD = tf.abs(error_BTD);
  const squared_BTD = tf.minimum(size_BTD, beta);
  return tf.add(tf.div(tf.square(squared_BTD), 2 * beta), tf.sub(size_BTD, squared_BTD));
}
