// B batch, T tokens, D width.
import {
  type AlignmentLoss,
  type TargetLayers,
  type TerminationTrigger,
  defineAlignmentLoss,
  defineTargetLayers,
  defineTrigger,
} from '@hastejs/plugin-api';
import { type Params, type Scalar, type Tensor3D, linear, negativeCosine, normalTensor, tf } from '@hastejs/tensor';
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
      weight: tf.tidy(() => tf.mul(normalTensor(rng, [teacher.width, student.width]), student.width ** -0.5)),
      bias: tf.zeros([teacher.width]),
    }),
    project,
    loss: (student_BTD, teacher_BTD, params): Scalar => negativeCosine(project(student_BTD, params), teacher_BTD),
  }),
});

const project = (student_BTD: Tensor3D, { weight, bias }: Params): Tensor3D =>
  linear(student_BTD, weight!, bias!) as Tensor3D;

/** The student's middle block learns from the end of what the teacher offers: its final tokens, or its last block. */
export const fakeLayers = defineTargetLayers({
  id: 'testkit/layers',
  summary: "The student's middle block and the teacher's end.",
  options: z.strictObject({
    reads: z.enum(['tokens', 'attention']).default('tokens').describe('What the loss of the term reads.'),
  }),
  create: ({ reads }): TargetLayers => ({
    grids: 'resample',
    blocks: (student) => [Math.floor(student.blocks / 2)],
    select: ({ student, teacher }) => {
      const { tokens, attention } = teacher.offers ?? { tokens: ['final' as const], attention: [teacher.blocks - 1] };
      const site = reads === 'tokens' ? tokens.at(-1) : attention.at(-1);
      return site === undefined ? [] : [{ student: Math.floor(student.blocks / 2), teacher: site }];
    },
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
