// What is trained. docs/results.md says why these numbers; the arms differ in their alignment alone.
import {
  adamw,
  attentionAlignment,
  fashionMnist,
  fashionMnistTeacher,
  featureAlignment,
  fixed,
  heun,
  pairs,
  sit,
} from '@hastejs/haste';

export const ARMS = ['none', 'feature', 'attention', 'both', 'both+stop'];

const TERMS = { none: [], feature: ['feature'], attention: ['attention'], both: ['feature', 'attention'] };

export const SETTINGS = {
  study: {
    steps: 12_000,
    stop: 4000,
    scores: 14,
    along: 1000,
    samples: 10_000,
    student: { hiddenSize: 96, depth: 4, numHeads: 4, patchSize: 4 },
    data: {},
    batchSize: 16,
    optimizer: { lr: 1e-3, betas: [0.9, 0.99], warmup: 100 },
    ema: 0.995,
    weights: { feature: 0.5, attention: 0.25 },
    features: [[1, 'final']],
    maps: [
      [1, 2],
      [2, 3],
    ],
    hidden: 256,
    sampler: 6,
  },
  // Seconds, to see that the command works. Its numbers mean nothing.
  toy: {
    steps: 8,
    stop: 4,
    scores: 4,
    along: 20,
    samples: 40,
    student: { hiddenSize: 16, depth: 2, numHeads: 2, patchSize: 7 },
    data: { source: 'shipped' },
    batchSize: 4,
    optimizer: { lr: 1e-3 },
    ema: 0.9,
    weights: { feature: 0.5, attention: 0.25 },
    features: [[0, 'final']],
    maps: [[1, 3]],
    hidden: 16,
    sampler: 1,
  },
};

/**
 * The recipe of one run. Everything that is not the arm's is a function of the setting, the options and the seed.
 * @param backend a reference: what all runs of a study train on.
 */
export function recipeOf(arm, seed, { setting, steps, stop, scores }, backend) {
  const of = SETTINGS[setting];
  return {
    name: `effect-${arm.replace('+', '-')}-${seed}`,
    seed,
    student: sit(of.student),
    data: fashionMnist(of.data),
    alignment: alignmentOf(arm, of, stop),
    steps,
    batchSize: of.batchSize,
    optimizer: adamw(of.optimizer),
    ema: { decay: of.ema },
    // The stop is kept in every arm, so that arms differ in nothing else.
    checkpoints: { every: steps, keep: 1, at: checkpointsAt(steps, scores, stop) },
    sampling: { sampler: heun({ steps: of.sampler }), guidance: { scale: 1 }, seed: 0 },
    backend,
  };
}

function alignmentOf(arm, { weights, features, maps, hidden }, stop) {
  const all = {
    feature: { loss: featureAlignment({ hidden }), layers: pairs({ pairs: features }), weight: weights.feature },
    attention: { loss: attentionAlignment(), layers: pairs({ pairs: maps }), weight: weights.attention },
  };
  const [terms, ends] = [TERMS[arm.replace('+stop', '')], arm.endsWith('+stop')];
  if (terms.length === 0) return null;
  return {
    teacher: fashionMnistTeacher(),
    terms: Object.fromEntries(terms.map((name) => [name, all[name]])),
    ...(ends && { until: fixed({ step: stop }) }),
  };
}

/** Where a run is scored: at about `count` steps, closer together at the beginning, where curves are steep; the last one its end. */
export function scoredSteps(steps, count) {
  const spaced = Array.from({ length: count }, (_, i) => Math.round(steps * ((i + 1) / count) ** 1.5));
  return [...new Set(spaced)].filter((step) => step > 0);
}

function checkpointsAt(steps, scores, stop) {
  return [...new Set([...scoredSteps(steps, scores), stop])].filter((step) => step <= steps).toSorted((a, b) => a - b);
}
