import { type RefInput, Services, type TerminationTrigger, defineTrigger, reference } from '@hastejs/plugin-api';
import { z } from 'zod';
import { type Wrapped, needsOf } from './inner.js';
import { positional } from './positional.js';

const definition = defineTrigger({
  id: 'trigger/after',
  summary: 'Asks another trigger from a step on, and not before.',
  options: z.strictObject({
    step: z.int().nonnegative().describe('The first step boundary at which the trigger is asked.'),
    trigger: reference('trigger').describe('The trigger to ask.'),
  }),
  inject: { extensions: Services.extensions },
  create: async ({ step: from, trigger }, { extensions }): Promise<TerminationTrigger<Wrapped>> => {
    const inner = await extensions.create(trigger);
    return {
      ...needsOf([inner]),
      init: () => ({ inner: inner.init() }),
      decide: (state, observation) => {
        if (observation.step < from) return { state };
        const { state: next, ...answer } = inner.decide(state.inner, observation);
        return { ...answer, state: { inner: next } };
      },
    };
  },
});

/**
 * `after(step, trigger)`: the trigger sees nothing before that step, so windows, averages and patience begin there. The
 * metrics that it needs are measured all along.
 */
export const after = positional(definition, (step: number, trigger: RefInput<'trigger'>) => ({ step, trigger }));
