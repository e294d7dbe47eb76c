import {
  type Json,
  type RefInput,
  Services,
  type TerminationTrigger,
  defineTrigger,
  reference,
} from '@hastejs/plugin-api';
import { z } from 'zod';
import { needsOf } from './inner.js';
import { positional } from './positional.js';

/** States of the triggers, in order. */
type State = { readonly inner: readonly Json[] };

const definition = defineTrigger({
  id: 'trigger/any-of',
  summary: 'Ends alignment when the first of several triggers fires.',
  options: z.strictObject({
    triggers: z.array(reference('trigger')).min(1).describe('Triggers, all asked every step.'),
  }),
  inject: { extensions: Services.extensions },
  create: async ({ triggers }, { extensions }): Promise<TerminationTrigger<State>> => {
    const inner = await Promise.all(triggers.map((trigger) => extensions.create(trigger)));
    return {
      ...needsOf(inner),
      init: () => ({ inner: inner.map((trigger) => trigger.init()) }),
      decide: (state, observation) => {
        const answers = inner.map((trigger, i) => trigger.decide(state.inner[i]!, observation));
        const stop = answers.find((answer) => answer.stop !== undefined)?.stop;
        const weight = Math.min(...answers.map((answer) => answer.weight ?? 1));
        return {
          state: { inner: answers.map((answer) => answer.state) },
          ...(stop !== undefined && { stop }),
          ...(weight !== 1 && { weight }),
        };
      },
    };
  },
});

/** `anyOf(a, b, …)`: the first that fires; of ramps under way, the lowest weight. */
export const anyOf = positional(definition, (...triggers: RefInput<'trigger'>[]) => ({ triggers }));
