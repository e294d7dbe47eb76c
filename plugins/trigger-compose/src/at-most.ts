import { type RefInput, Services, type TerminationTrigger, defineTrigger, reference } from '@hastejs/plugin-api';
import { z } from 'zod';
import { type Wrapped, needsOf } from './inner.js';
import { positional } from './positional.js';

const definition = defineTrigger({
  id: 'trigger/at-most',
  summary: 'Ends alignment at a step at the latest, whatever another trigger says.',
  options: z.strictObject({
    step: z.int().nonnegative().describe('Steps with alignment at most.'),
    trigger: reference('trigger').describe('The trigger that may end it before.'),
  }),
  inject: { extensions: Services.extensions },
  create: async ({ step: limit, trigger }, { extensions }): Promise<TerminationTrigger<Wrapped>> => {
    const inner = await extensions.create(trigger);
    return {
      ...needsOf([inner]),
      init: () => ({ inner: inner.init() }),
      decide: (state, observation) => {
        const { state: next, ...answer } = inner.decide(state.inner, observation);
        const late = observation.step >= limit && answer.stop === undefined;
        const stop = `step ${limit.toLocaleString('en')} is reached, the last that may align (${trigger.id} had not fired)`;
        return { ...answer, state: { inner: next }, ...(late && { stop }) };
      },
    };
  },
});

/** `atMost(step, trigger)`: the trigger, with an end that is certain. */
export const atMost = positional(definition, (step: number, trigger: RefInput<'trigger'>) => ({ step, trigger }));
