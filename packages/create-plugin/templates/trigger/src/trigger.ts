import { type Observation, type TerminationTrigger, defineTrigger } from '@hastejs/plugin-api';
import { z } from 'zod';

const options = z
  .strictObject({
    metric: z.string().min(1).describe('What to watch, such as `align/feature`, `loss/denoise` or `metric/…`.'),
    better: z.enum(['lower', 'higher']).default('lower').describe('Which way the metric improves.'),
    fraction: z.number().gt(0).lt(1).default(0.1).describe('Share of the largest gain that is too little to go on.'),
    fast: z.int().positive().default(50).describe('Measurements that the quick average looks back on.'),
    slow: z
      .int()
      .positive()
      .default(200)
      .describe('Measurements that the slow average looks back on; none of the first count.'),
    patience: z
      .int()
      .positive()
      .default(20)
      .describe('Measurements in a row with too little gain before alignment ends.'),
  })
  .refine(({ fast, slow }) => fast < slow, { path: ['slow'], message: '`slow` must be above `fast`.' });
type Options = z.output<typeof options>;

/** Plain data: it is saved in every checkpoint, and a resumed run goes on from it. */
type State = {
  /** Measurements so far. */
  readonly count: number;
  readonly fast: number;
  readonly slow: number;
  /** The largest gain so far, and measurements in a row with too little of it. */
  readonly most: number;
  readonly low: number;
};

/**
 * Ends alignment at diminishing returns. The gain is how far a quick moving average of the metric is ahead of a slow one,
 * which is its slope over about `slow − fast` measurements; alignment ends when it has stayed below `fraction` of the
 * largest gain so far. So no scale of the metric has to be known beforehand.
 *
 * Costs nothing but the metric; its state is five numbers. A value that is not finite counts as not measured.
 */
export const templateExport = defineTrigger({
  id: 'trigger/template-id',
  summary: 'Ends alignment when a metric gains little by little less.',
  options,
  create: (options): TerminationTrigger<State> => ({
    watches: [options.metric],
    init: () => ({ count: 0, fast: 0, slow: 0, most: 0, low: 0 }),
    // Pure: it changes neither what it is given nor anything else, so that a run can be replayed.
    decide: (state, { metrics }: Observation) => {
      const value = metrics[options.metric];
      if (value === undefined || !Number.isFinite(value)) return { state };
      const next = measured(state, options.better === 'lower' ? -value : value, options);
      return next.low < options.patience ? { state: next } : { state: next, stop: reason(next, options) };
    },
  }),
});

const gainOf = ({ fast, slow }: State): number => fast - slow;

/** @param value turned so that more is better. */
function measured(state: State, value: number, { fraction, fast, slow }: Options): State {
  const count = state.count + 1;
  // The plain mean of what there is, until there is enough: the first value does not linger.
  const towards = (average: number, span: number): number => average + (value - average) / Math.min(span, count);
  const averages = { ...state, count, fast: towards(state.fast, fast), slow: towards(state.slow, slow) };
  if (count <= slow) return averages;
  const gain = gainOf(averages);
  const most = Math.max(state.most, gain);
  return { ...averages, most, low: gain < fraction * most ? state.low + 1 : 0 };
}

function reason(state: State, { metric, fraction, patience }: Options): string {
  const gain = gainOf(state);
  return (
    `${metric} has gained less than ${fraction} of its largest gain for ${patience} measurements: ` +
    `${gain.toPrecision(3)} now, ${state.most.toPrecision(3)} at most`
  );
}
