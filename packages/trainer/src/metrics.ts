import { HasteError, type Metric, type MetricContext } from '@hastejs/plugin-api';
import type { InterpolantName } from '@hastejs/diffusion';
import { type Params, omitParams, tf, valueAndGrads } from '@hastejs/tensor';
import type { Student } from '@hastejs/plugin-api';
import type { Alignment } from './alignment.js';
import { type TrainingBatch, lossTerms } from './objective.js';
import type { Weights } from './step.js';
import { studentMoment } from './student-moment.js';
import { tapTensors } from './tap-pairs.js';

export interface Probe {
  readonly student: Student;
  readonly path: InterpolantName;
  readonly weights: Pick<Weights, 'params' | 'ema'>;
  /** Index of the step that trained on the batch. */
  readonly step: number;
  readonly batch: TrainingBatch;
  readonly alignment: Alignment | null;
}

/** Measures every metric that is due after `step` completed steps. Nothing due costs nothing. */
export async function measureDue(
  metrics: readonly Metric[],
  step: number,
  probe: Probe,
): Promise<Record<string, number>> {
  const due = metrics.filter((metric) => step % metric.every === 0 && (probe.alignment || !metric.needsAlignment));
  const measured: Record<string, number> = {};
  for (const metric of due) {
    for (const [name, value] of Object.entries(await metric.measure(contextOf(step, probe)))) {
      measured[`metric/${name}`] = value;
    }
  }
  return measured;
}

function contextOf(step: number, probe: Probe): MetricContext {
  const terms = ['denoise', ...(probe.alignment?.termNames ?? [])];
  return {
    step,
    terms,
    params: probe.weights.params,
    gradients: (term, times) => {
      if (!terms.includes(term)) throw unknownTerm(term, terms);
      return termGradients(probe, term, times);
    },
  };
}

/** Gradient of one unweighted term on the probe batch; times given are dealt to the batch in turn. */
function termGradients(probe: Probe, term: string, times?: readonly number[]): Params {
  const { student, path, weights, alignment, step } = probe;
  const size = probe.batch.t_B.shape[0];
  const dealt_B = times && tf.tensor1d(Array.from({ length: size }, (_, i) => times[i % times.length]!));
  const batch = dealt_B ? { ...probe.batch, t_B: dealt_B } : probe.batch;
  const session = term === 'denoise' ? null : alignment;
  const context = { step, student: studentMoment(student, path, weights, batch), fetched: batch.fetched };
  const teachers = session?.encode(batch.images_BCHW, context);
  const { loss, grads } = valueAndGrads(
    () => {
      const aligned = session && teachers ? { session, teachers } : null;
      return { loss: lossTerms(student, path, weights.params, batch, aligned)[term]! };
    },
    omitParams(weights.params, student.frozen),
  );
  if (teachers) for (const values of teachers.values()) tf.dispose(tapTensors(values));
  dealt_B?.dispose();
  loss.dispose();
  return grads;
}

function unknownTerm(term: string, terms: readonly string[]): HasteError {
  return new HasteError('EXTENSION_FAILED', {
    what: `A metric asked for the gradient of "${term}", which is not a loss term now alive (${terms.join(', ')}).`,
    where: 'MetricContext.gradients',
    fix: 'Set needsAlignment, or ask only for names in context.terms.',
  });
}
