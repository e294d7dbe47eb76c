import { type TerminationTrigger, defineTrigger } from '@hastejs/plugin-api';
import { z } from 'zod';
import { EMPTY, type Window, add, standardError } from './window.js';

const options = z.strictObject({
  metric: z.string().min(1).describe('What to watch, such as `align/feature`, `loss/denoise` or `metric/…`.'),
  better: z.enum(['lower', 'higher']).default('lower').describe('Which way the metric improves.'),
  window: z.int().min(2).default(500).describe('Measurements that are averaged before they are judged.'),
  patience: z.int().positive().default(3).describe('Windows in a row without a gain before alignment ends.'),
  minGain: z.number().nonnegative().default(2).describe('Smallest gain that counts, in standard errors.'),
  warmUp: z.int().nonnegative().default(0).describe('Steps at the start whose measurements do not count.'),
});
type Options = z.output<typeof options>;

type Summary = { readonly mean: number; readonly error: number };
type State = {
  /** The window being filled. */
  readonly window: Window;
  /** The last window that counted as a gain; null before the first is full. */
  readonly best: Summary | null;
  /** Full windows since then. */
  readonly stale: number;
};

/**
 * Ends alignment when a metric has stopped improving beyond its own noise. Measurements are averaged in windows; a window
 * is a gain when its mean beats the last gain by more than `minGain` standard errors of the difference, so slow progress
 * adds up until it counts, and noise does not. After `patience` windows without a gain alignment ends.
 *
 * Costs nothing but the metric; its state is six numbers. A value that is not finite counts as not measured.
 */
export const plateau = defineTrigger({
  id: 'trigger/plateau',
  summary: 'Ends alignment when a metric no longer improves beyond its noise.',
  options,
  create: (options): TerminationTrigger<State> => ({
    watches: [options.metric],
    init: () => ({ window: EMPTY, best: null, stale: 0 }),
    decide: (state, { step, metrics }) => {
      const value = metrics[options.metric];
      if (value === undefined || !Number.isFinite(value) || step <= options.warmUp) return { state };
      const window = add(state.window, value);
      return window.count < options.window ? { state: { ...state, window } } : judge(state, window, options);
    },
  }),
});

/** A full window against the best so far. */
function judge({ best, stale }: State, window: Window, options: Options): { state: State; stop?: string } {
  const now: Summary = { mean: window.mean, error: standardError(window) };
  const noise = best ? Math.hypot(now.error, best.error) : 0;
  const gain = best ? (options.better === 'lower' ? best.mean - now.mean : now.mean - best.mean) : Infinity;
  if (!best || gain > options.minGain * noise) return { state: { window: EMPTY, best: now, stale: 0 } };
  const state = { window: EMPTY, best, stale: stale + 1 };
  return state.stale < options.patience ? { state } : { state, stop: reason(options, best, now, noise) };
}

function reason({ metric, window, patience, minGain }: Options, best: Summary, now: Summary, noise: number): string {
  const show = ({ mean, error }: Summary) => `${mean.toPrecision(5)} ± ${error.toPrecision(2)}`;
  const span = patience === 1 ? `the last ${window} measurements` : `${patience} windows of ${window} measurements`;
  return (
    `${metric} has not improved over ${span}: ${show(now)} now, ${show(best)} before; ` +
    `${(minGain * noise).toPrecision(2)} better (${minGain} standard errors) would have counted`
  );
}
