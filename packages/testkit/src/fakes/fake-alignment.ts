// B batch, T tokens, D width.
import {
  type AlignmentLoss,
  type TargetLayers,
  type TerminationTrigger,
  defineAlignmentLoss,
  defineTargetLayers,
  defineTrigger,
} from '@hastejs/plugin-api';
import { type Scalar, linear, negativeCosine, normalTensor, tf } from '@hastejs/tensor';
import { z } from 'zod';

/** −mean cos of the student's tokens, through one matrix, to the teacher's. */
export const fakeLoss = defineAlignmentLoss({
  id: 'testkit/loss',
  summary: 'Cosine to the teacher through one matrix.',
  options: z.strictObject({}),
  create: (): AlignmentLoss => ({
    reads: 'tokens',
    repeatable: true,
    init: ({ student, teacher }, rng) => ({
      weight: tf.mul(normalTensor(rng, [teacher.width, student.width]), student.width ** -0.5),
      bias: tf.zeros([teacher.width]),
    }),
    loss: (student_BTD, teacher_BTD, { weight, bias }): Scalar =>
      negativeCosine(linear(student_BTD, weight!, bias!) as never, teacher_BTD),
  }),
});

/** The student's middle block learns from the teacher's final tokens, or its last block's attention from the teacher's. */
export const fakeLayers = defineTargetLayers({
  id: 'testkit/layers',
  summary: "The student's middle block and the teacher's end.",
  options: z.strictObject({
    site: z.enum(['final', 'last']).default('final').describe("The teacher's final tokens, or its last block."),
  }),
  create: ({ site }): TargetLayers => ({
    grids: 'resample',
    select: ({ student, teacher }) => [
      { student: Math.floor(student.blocks / 2), teacher: site === 'final' ? 'final' : teacher.blocks - 1 },
    ],
  }),
});

/** Ends alignment after a number of steps. */
export const fakeTrigger = defineTrigger({
  id: 'testkit/trigger',
  summary: 'Ends alignment after a number of steps.',
  options: z.strictObject({ step: z.int().positive().default(3).describe('Steps of phase I.') }),
  create: ({ step: last }): TerminationTrigger<null> => ({
    watches: [],
    init: () => null,
    decide: (state, { step }) => (step >= last ? { state, stop: `Step ${step} was reached.` } : { state }),
  }),
});
