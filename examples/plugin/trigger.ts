import { defineTrigger } from '@hastejs/plugin-api';
import { z } from 'zod';

/** JSON: it is in every checkpoint. */
interface State extends Record<string, number | null> {
  /** The metric when it was first seen. */
  readonly first: number | null;
}

/** Lets go once most of what a metric had to lose is lost. */
export const fallen = defineTrigger({
  id: 'trigger/fallen',
  summary: 'Stops once a metric has fallen to a share of where it began.',
  options: z.strictObject({
    metric: z.string().min(1).describe('Logged value to watch, such as align/feature; it must be above 0'),
    share: z.number().positive().lt(1).default(0.5).describe('Of its first value'),
  }),
  create: ({ metric, share }) => ({
    watches: [metric],
    init: (): State => ({ first: null }),
    decide: (given, { metrics }) => {
      const value = metrics[metric];
      if (value === undefined) return { state: given };
      const { first } = given as State;
      const state: State = { first: first ?? value };
      const floor = share * state.first!;
      return value <= floor ? { state, stop: `${metric} has fallen to ${value}, under ${floor}` } : { state };
    },
  }),
});
