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

/** One trigger: its state while it is asked; once it has fired, why. */
type Member = { readonly inner: Json; readonly fired: string | null };
type State = { readonly members: readonly Member[] };

const definition = defineTrigger({
  id: 'trigger/all-of',
  summary: 'Ends alignment when every one of several triggers has fired.',
  options: z.strictObject({
    triggers: z.array(reference('trigger')).min(1).describe('Triggers; one that has fired stays fired.'),
  }),
  inject: { extensions: Services.extensions },
  create: async ({ triggers }, { extensions }): Promise<TerminationTrigger<State>> => {
    const inner = await Promise.all(triggers.map((trigger) => extensions.create(trigger)));
    return {
      ...needsOf(inner),
      init: () => ({ members: inner.map((trigger) => ({ inner: trigger.init(), fired: null })) }),
      decide: (state, observation) => {
        const weights: number[] = [];
        const members = inner.map((trigger, i): Member => {
          const member = state.members[i]!;
          if (member.fired !== null) return member;
          const answer = trigger.decide(member.inner, observation);
          if (answer.stop === undefined) weights.push(answer.weight ?? 1);
          return { inner: answer.state, fired: answer.stop ?? null };
        });
        if (weights.length === 0) return { state: { members }, stop: members.map(({ fired }) => fired).join('; and ') };
        const weight = Math.max(...weights);
        return { state: { members }, ...(weight !== 1 && { weight }) };
      },
    };
  },
});

/** `allOf(a, b, …)`: the last that fires, each counting once; of those that have not, the highest weight of a ramp. */
export const allOf = positional(definition, (...triggers: RefInput<'trigger'>[]) => ({ triggers }));
