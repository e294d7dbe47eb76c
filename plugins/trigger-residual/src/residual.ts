import { type TerminationTrigger, defineTrigger } from '@hastejs/plugin-api';
import { z } from 'zod';

const options = z
  .strictObject({
    metric: z.string().min(1).default('align/feature').describe('What is measured.'),
    reads: z
      .enum(['negative-cosine', 'residual'])
      .default('negative-cosine')
      .describe('`negative-cosine`: the residual is (1 + value) / 2; `residual`: the value itself, at least 0.'),
    fast: z.int().positive().default(1000).describe('Horizon of the fast moving average, in measurements.'),
    slow: z.int().positive().default(10_000).describe('Horizon of the slow one.'),
    minGain: z
      .number()
      .min(0)
      .lt(1)
      .default(0.02)
      .describe('Share by which the fast average must be below the slow one.'),
    patience: z.int().positive().default(1).describe('Measurements in a row with too little gain before it ends.'),
    warmUp: z.int().nonnegative().optional().describe('Measurements before the first judgement; default: `slow`.'),
  })
  .refine(({ fast, slow }) => fast < slow, { path: ['slow'], error: 'must be longer than fast' });
type Options = z.output<typeof options>;

type State = {
  /** Measurements seen. */
  readonly count: number;
  readonly fast: number;
  readonly slow: number;
  /** Judgements in a row that found too little gain. */
  readonly stale: number;
};

/**
 * The stopping rule of RARE (arXiv 2609.34732): with the residual η = ½·(1 − cos) of the alignment, averaged fast and slow,
 * alignment ends once the fast average no longer gains on the slow one:
 *
 *   mₙ = mₙ₋₁ + aₙ·(η − mₙ₋₁),  aₙ = max(1/n, 1/horizon)      fast > (1 − minGain)·slow
 *
 * Averages begin as plain means, so neither remembers where it started. RARE publishes minGain = 2%, and a cosine ramp over
 * an eighth of the run after it: wrap this in `ramp`. Its two horizons are not known to us; the defaults are ours, for a
 * run of some 400,000 steps. A gain of 2% between horizons of 1,000 and 10,000 steps is a residual that falls by about
 * 2% in 9,000 steps.
 *
 * Costs nothing but the metric; its state is four numbers. A value that is not finite counts as not measured.
 */
export const residual = defineTrigger({
  id: 'trigger/residual',
  summary: 'Ends alignment when a fast average of the residual no longer gains on a slow one (RARE).',
  options,
  create: (options): TerminationTrigger<State> => {
    const warmUp = options.warmUp ?? options.slow;
    return {
      watches: [options.metric],
      init: () => ({ count: 0, fast: 0, slow: 0, stale: 0 }),
      decide: (state, { metrics }) => {
        const value = metrics[options.metric];
        if (value === undefined || !Number.isFinite(value)) return { state };
        const next = averaged(state, options.reads === 'residual' ? value : (1 + value) / 2, options);
        if (next.count <= warmUp || next.fast <= (1 - options.minGain) * next.slow) return { state: next };
        const stale = { ...next, stale: state.stale + 1 };
        return stale.stale < options.patience ? { state: stale } : { state: stale, stop: reason(options, stale) };
      },
    };
  },
});

/** Both averages one measurement on, and no judgement yet. */
function averaged({ count, fast, slow }: State, value: number, options: Options): State {
  const n = count + 1;
  const towards = (mean: number, horizon: number) => mean + Math.max(1 / n, 1 / horizon) * (value - mean);
  return { count: n, fast: towards(fast, options.fast), slow: towards(slow, options.slow), stale: 0 };
}

function reason({ metric, minGain, patience }: Options, { fast, slow }: State): string {
  const percent = (share: number) => `${(100 * share).toPrecision(2)}%`;
  const span = patience === 1 ? '' : ` for ${patience} measurements`;
  return (
    `the residual of ${metric} is ${fast.toPrecision(5)} lately and ${slow.toPrecision(5)} before: ` +
    `a gain of ${percent((slow - fast) / slow)}, less than ${percent(minGain)}${span}`
  );
}
