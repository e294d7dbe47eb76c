import { type TerminationTrigger, defineTrigger } from '@hastejs/plugin-api';
import { z } from 'zod';

const options = z.strictObject({
  metric: z.string().min(1).describe('The score to watch: `metric/…` of a metric in the recipe.'),
  better: z.enum(['lower', 'higher']).default('lower').describe('Which way the score improves.'),
  patience: z.int().positive().default(3).describe('Scores in a row without an improvement before alignment ends.'),
  minGain: z
    .number()
    .min(0)
    .lt(1)
    .default(0.01)
    .describe('Smallest improvement that counts, as a share of the best score.'),
  warmUp: z.int().nonnegative().default(0).describe('Steps at the start whose scores do not count.'),
});
type Options = z.output<typeof options>;

type Score = { readonly step: number; readonly value: number };
type State = {
  /** The last score that counted as an improvement; null before the first. */
  readonly best: Score | null;
  /** Scores since then. */
  readonly stale: number;
};

/**
 * Ends alignment when an evaluation score, such as a Fréchet distance of samples, has stopped improving: `patience` scores
 * in a row that are not better than the best by `minGain` of it. Scores are rare and dear, so every one is judged by
 * itself; for a loss, which comes at every step and is noisy, there is `trigger/plateau`.
 *
 * Costs nothing but the metric. A score that is not finite counts as not measured.
 */
export const score = defineTrigger({
  id: 'trigger/metric',
  summary: 'Ends alignment when an evaluation score has stopped improving.',
  options,
  create: (options): TerminationTrigger<State> => ({
    watches: [options.metric],
    init: () => ({ best: null, stale: 0 }),
    decide: (state, { step, metrics }) => {
      const value = metrics[options.metric];
      if (value === undefined || !Number.isFinite(value) || step <= options.warmUp) return { state };
      if (!state.best || improves(value, state.best.value, options))
        return { state: { best: { step, value }, stale: 0 } };
      const next = { best: state.best, stale: state.stale + 1 };
      return next.stale < options.patience
        ? { state: next }
        : { state: next, stop: reason(options, state.best, value) };
    },
  }),
});

function improves(value: number, best: number, { better, minGain }: Options): boolean {
  const gain = better === 'lower' ? best - value : value - best;
  return gain > minGain * Math.abs(best);
}

function reason({ metric, patience, minGain }: Options, best: Score, now: number): string {
  const scores = patience === 1 ? 'score' : `${patience} scores`;
  return (
    `the last ${scores} of ${metric} did not improve on ${best.value.toPrecision(5)} of step ${best.step} ` +
    `by ${(100 * minGain).toPrecision(2)}%: ${now.toPrecision(5)} now`
  );
}
