import { HasteError, type Metric, type MetricContext } from '@hastejs/plugin-api';
import type { InterpolantName } from '@hastejs/diffusion';
import { type Params, omitParams, tf, valueAndGrads } from '@hastejs/tensor';
import type { Student } from '@hastejs/plugin-api';
import { type Alignment, tapTensors } from './alignment.js';
import { type TrainingBatch, lossTerms } from './objective.js';

export interface Probe {
  readonly student: Student;
  readonly path: InterpolantName;
  readonly params: Params;
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
    params: probe.params,
    gradients: (term, times) => {
      if (!terms.includes(term)) throw unknownTerm(term, terms);
      return termGradients(probe, term, times);
    },
  };
}

/** Gradient of one unweighted term on the probe batch; times given are dealt to the batch in turn. */
function termGradients(
  { student, path, params, batch, alignment }: Probe,
  term: string,
  times?: readonly number[],
): Params {
  const size = batch.t_B.shape[0];
  const t_B = times ? tf.tensor1d(Array.from({ length: size }, (_, i) => times[i % times.length]!)) : batch.t_B;
  const session = term === 'denoise' ? null : alignment;
  const teachers = session?.encode(batch.images_BCHW);
  const { loss, grads } = valueAndGrads(
    () => {
      const aligned = session && teachers ? { session, teachers } : null;
      return { loss: lossTerms(student, path, params, { ...batch, t_B }, aligned)[term]! };
    },
    omitParams(params, student.frozen),
  );
  if (teachers) for (const values of teachers.values()) tf.dispose(tapTensors(values));
  if (times) t_B.dispose();
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
