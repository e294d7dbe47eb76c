import {
  HasteError,
  type Metric,
  type MetricContext,
  type Notices,
  type ProbeBatch,
  type SampleRequest,
} from '@hastejs/plugin-api';
import { type Params, omitParams, rng as makeRng, tf, valueAndGrads } from '@hastejs/tensor';
import type { Alignment } from './alignment.js';
import { drawImages } from './draw-images.js';
import { type TrainingBatch, alignmentLoss, lossTerms } from './objective.js';
import type { Probe } from './probe.js';
import { contextOf, viewsOf } from './probe-views.js';
import { partsOf, probeBatches } from './probes.js';
import { whileKept } from './step.js';
import { turn } from './turn.js';

/**
 * Measures every metric that is due after `step` completed steps. Nothing due costs nothing. A value that is not finite counts
 * as not measured: neither a log nor a checkpoint, which are JSON, could hold it, and a replay would see another run.
 */
export async function measureDue(
  metrics: readonly Metric[],
  step: number,
  probe: Probe,
  notices?: Pick<Notices, 'warn'>,
): Promise<Record<string, number>> {
  const due = metrics.filter((metric) => step % metric.every === 0 && (probe.alignment || !metric.needsAlignment));
  const measured: Record<string, number> = {};
  for (const metric of due) {
    for (const [name, value] of Object.entries(await metric.measure(lookedAt(step, probe)))) {
      if (Number.isFinite(value)) measured[`metric/${name}`] = value;
      else notices?.warn(`metric/${name} was ${value} after step ${step}: it counts as not measured.`);
    }
  }
  return measured;
}

function lookedAt(step: number, probe: Probe): MetricContext {
  return {
    step,
    terms: ['denoise', ...(probe.alignment?.termNames ?? [])],
    params: probe.weights.params,
    gradients: (term, times) => gradientsOf(probe, probe.batch, term, times),
    probes: (images, atOnce = Infinity) => probesOf(probe, images, atOnce),
    sample: (request) => samplesOf(probe, request),
  };
}

/** Frozen tables are not averaged: they come from the parameters. */
function samplesOf({ student, path, weights }: Probe, { labels_B, seed, ...how }: SampleRequest): Promise<Uint8Array> {
  const params = { ...weights.params, ...weights.ema };
  return drawImages({ student, path, params, rng: makeRng(seed), ...how }, labels_B);
}

async function* probesOf(probe: Probe, images: number, atOnce: number): AsyncGenerator<ProbeBatch, void, void> {
  for await (const whole of probeBatches(probe.probes, images)) {
    for (const { batch, labels_B } of partsOf(whole, atOnce)) {
      await turn();
      yield {
        size: labels_B.length,
        labels_B,
        gradients: (term, times) => gradientsOf(probe, batch, term, times),
        ...viewsOf(probe, batch),
      };
    }
  }
}

/** Gradient of one loss on a batch; times given are dealt to it in turn. */
function gradientsOf(probe: Probe, given: TrainingBatch, term: string, times?: readonly number[]): Params {
  const { student, path, weights, step } = probe;
  const session = sessionFor(term, probe.alignment);
  const B = given.t_B.shape[0];
  const dealt_B = times && tf.tensor1d(Array.from({ length: B }, (_, i) => times[i % times.length]!));
  const batch = dealt_B ? { ...given, t_B: dealt_B } : given;
  const teachers = session?.encode(batch.images_BCHW, contextOf(probe, batch));
  const objective = () => {
    const aligned = session && teachers ? { session, teachers } : null;
    const terms = lossTerms(student, path, weights.params, batch, aligned);
    return { loss: term === 'alignment' ? alignmentLoss(terms, session!, { step, factor: 1 }) : terms[term]! };
  };
  const trainable = omitParams(weights.params, student.frozen);
  const { loss, grads } = whileKept(teachers, () => valueAndGrads(objective, trainable));
  dealt_B?.dispose();
  loss.dispose();
  return grads;
}

/** The alignment that a loss needs; null for denoising alone, whose pass takes no taps. */
function sessionFor(term: string, alignment: Alignment | null): Alignment | null {
  if (term === 'denoise') return null;
  if (alignment && (term === 'alignment' || alignment.termNames.includes(term))) return alignment;
  const known = ['denoise', ...(alignment ? [...alignment.termNames, 'alignment'] : [])];
  throw new HasteError('EXTENSION_FAILED', {
    what: `A metric asked for the gradient of "${term}", which is not a loss term now alive (${known.join(', ')}).`,
    where: 'MetricContext.gradients',
    fix: 'Set needsAlignment, or ask only for names in context.terms.',
  });
}
