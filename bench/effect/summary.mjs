// From scores to the numbers of the report. A score is a Fréchet distance: lower is better.
import { median } from '../support/report.mjs';

/**
 * The step at which a curve first is at or under a target, on the straight line between scored steps.
 * @param curve [[step, score], …] by step
 * @returns null when it never is
 */
export function stepsToReach(curve, target) {
  for (const [i, [step, score]] of curve.entries()) {
    if (score > target) continue;
    if (i === 0) return step;
    const [before, above] = curve[i - 1];
    return before + ((step - before) * (above - target)) / (above - score);
  }
  return null;
}

/** @returns mean, smallest and largest; null for nothing */
export function spread(values) {
  if (values.length === 0 || values.some((value) => value === null)) return null;
  return {
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    min: Math.min(...values),
    max: Math.max(...values),
  };
}

/**
 * @param runs of every arm and seed {{ arm, seed, along: [[step, score]], final, stepSeconds, sessions }}; a score is
 *   { frechet, accuracy }. Runs that were forked have the scores of the run that they come from before.
 */
export function summarise(runs, steps) {
  const seeds = [...new Set(runs.map(({ seed }) => seed))];
  const arms = [...new Set(runs.map(({ arm }) => arm))];
  const runOf = (arm, seed) => runs.find((run) => run.arm === arm && run.seed === seed);
  const rows = arms.map((arm) => {
    const own = seeds.map((seed) => runOf(arm, seed));
    const reached = own.map((run) => reachedBy(run, runOf('none', run.seed), steps));
    return {
      arm,
      final: {
        frechet: spread(own.map(({ final }) => final.frechet)),
        accuracy: spread(own.map(({ final }) => final.accuracy)),
      },
      curve: curveOf(own),
      reached: spread(reached),
      // Of each seed by itself: a mean of ratios, not a ratio of means.
      ratio: spread(reached.map((step) => (step === null ? null : steps / step))),
      ahead: aheadOf(own, (seed) => runOf('none', seed)),
      seeds: own.map(({ seed, final }, i) => ({ seed, ...final, reached: reached[i] })),
      stepMs: { aligning: milliseconds(own, 'aligning'), free: milliseconds(own, 'free') },
      peakBytes: Math.max(...own.flatMap(({ sessions }) => sessions.map(({ peakBytes }) => peakBytes))),
    };
  });
  return { seeds, rows, stopping: stoppingOf(seeds, runOf) };
}

/** Steps after which a run is as good as the plain run of its seed at the end. */
function reachedBy(run, plain, steps) {
  if (!plain) return null;
  return run === plain ? steps : stepsToReach(frechetCurve(run), frechetCurve(plain).at(-1)[1]);
}

/** Of every scored step of the plain runs: how many times fewer steps an arm needs to be as good as plain is there. */
function aheadOf(runs, plainOf) {
  const plain = plainOf(runs[0].seed);
  if (!plain) return [];
  return plain.along.map(([step], i) => {
    const reached = runs.map((run) => stepsToReach(frechetCurve(run), frechetCurve(plainOf(run.seed))[i][1]));
    return { step, ratio: spread(reached.map((own) => (own === null ? null : step / own))) };
  });
}

const frechetCurve = ({ along }) => along.map(([step, { frechet }]) => [step, frechet]);

/** Of every scored step, the spread over seeds. */
function curveOf(runs) {
  return runs[0].along.map(([step], i) => ({
    step,
    frechet: spread(runs.map(({ along }) => along[i][1].frechet)),
    accuracy: spread(runs.map(({ along }) => along[i][1].accuracy)),
  }));
}

function milliseconds(runs, phase) {
  const medians = runs.map(({ stepSeconds }) => stepSeconds[phase]?.median).filter((value) => value !== undefined);
  return medians.length > 0 ? 1000 * median(medians) : null;
}

/** Stopped less never stopped at the end, seed by seed: below 0, letting go was better. */
function stoppingOf(seeds, runOf) {
  const pairs = seeds.map((seed) => [runOf('both+stop', seed), runOf('both', seed)]);
  if (pairs.some((pair) => pair.includes(undefined))) return null;
  const differences = pairs.map(([stopped, never]) => stopped.final.frechet - never.final.frechet);
  return { differences, ...spread(differences) };
}
