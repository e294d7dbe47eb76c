// B images of a batch.
import { interpolate } from '@hastejs/diffusion';
import { type ComparedPair, HasteError, type ProbeBatch, type TapValues, type Taps } from '@hastejs/plugin-api';
import { type Tensor1D, tf } from '@hastejs/tensor';
import type { Alignment } from './alignment.js';
import type { StepContext } from './encode-teacher.js';
import type { Probe } from './probe.js';
import type { TrainingBatch } from './objective.js';
import { studentMoment } from './student-moment.js';

/** What models see of a batch of a probe set, for metrics. Nothing is computed before it is asked for. */
export function viewsOf(probe: Probe, drawn: TrainingBatch): Pick<ProbeBatch, 'taps' | 'teacher' | 'pairs'> {
  return {
    taps: (taps, time, labels = 'own') => {
      const batch = at(drawn, time);
      return tapsAt(probe, labels === 'own' ? batch : withoutLabels(probe, batch), taps);
    },
    teacher: (term, time) => teacherAt(probe, at(drawn, time), term),
    pairs: (term, time) => pairsAt(probe, at(drawn, time), term),
  };
}

/** The batch with every image at one time. The tensor of times is the caller's tidy's. */
const at = (drawn: TrainingBatch, time: number): TrainingBatch => ({
  ...drawn,
  t_B: tf.fill([drawn.t_B.shape[0]], time) as Tensor1D,
});

const withoutLabels = ({ student }: Probe, batch: TrainingBatch): TrainingBatch => ({
  ...batch,
  y_B: tf.fill([batch.y_B.shape[0]], student.spec.classes, 'int32') as Tensor1D,
});

function tapsAt({ student, path, weights }: Probe, batch: TrainingBatch, taps: Taps): TapValues {
  const { x_BCHW } = interpolate(path, batch.x0_BCHW, batch.noise_BCHW, batch.t_B);
  const input = { x_BCHW, t_B: batch.t_B, y_B: batch.y_B };
  return student.encode
    ? student.encode(weights.params, input, taps)
    : student.forward(weights.params, input, taps).taps;
}

function teacherAt(probe: Probe, batch: TrainingBatch, term: string): TapValues {
  return alive(probe, term).encodeFor(term, batch.images_BCHW, contextOf(probe, batch));
}

function pairsAt(probe: Probe, batch: TrainingBatch, term: string): readonly ComparedPair[] {
  const alignment = alive(probe, term);
  const student = tapsAt(probe, batch, alignment.tapsOf(term).student);
  return alignment.pairs(term, student, teacherAt(probe, batch, term), probe.weights.params);
}

/** What a teacher may know of a batch beside its pixels. */
export function contextOf({ student, path, weights, step }: Probe, batch: TrainingBatch): StepContext {
  return { step, student: studentMoment(student, path, weights, batch), fetched: batch.fetched };
}

function alive({ alignment }: Probe, term: string): Alignment {
  if (alignment?.termNames.includes(term)) return alignment;
  throw new HasteError('EXTENSION_FAILED', {
    what: `A metric asked for what "${term}" compares, which is not an alignment term now alive (${alignment?.termNames.join(', ') ?? 'none is'}).`,
    where: 'ProbeBatch',
    fix: 'Set needsAlignment, or ask only for alignment terms in context.terms.',
  });
}
