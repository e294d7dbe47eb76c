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

/** The weight after a share of the ramp, in [0, 1]: from 1 to 0. */
const SHAPES = {
  linear: (share: number) => 1 - share,
  cosine: (share: number) => (1 + Math.cos(Math.PI * share)) / 2,
} as const;

type State = {
  readonly inner: Json;
  /** Where the ramp began and why; null before. */
  readonly fired: { readonly step: number; readonly reason: string } | null;
};

const definition = defineTrigger({
  id: 'trigger/ramp',
  summary: 'Lets alignment fade out over a number of steps once another trigger fires.',
  options: z.strictObject({
    trigger: reference('trigger').describe('The trigger that begins the ramp.'),
    steps: z.int().positive().describe('Length of the ramp.'),
    shape: z.enum(['linear', 'cosine']).default('cosine').describe('How the weight falls from 1 to 0.'),
  }),
  inject: { extensions: Services.extensions },
  create: async ({ trigger, steps, shape }, { extensions }): Promise<TerminationTrigger<State>> => {
    const inner = await extensions.create(trigger);
    return {
      ...needsOf([inner]),
      init: () => ({ inner: inner.init(), fired: null }),
      decide: (state, observation) => {
        if (state.fired) return down({ ...state, fired: state.fired }, observation.step, steps, shape);
        const { state: next, stop, weight } = inner.decide(state.inner, observation);
        if (stop === undefined) return { state: { inner: next, fired: null }, ...(weight !== undefined && { weight }) };
        const fired = { step: observation.step, reason: stop };
        return down({ inner: next, fired }, observation.step, steps, shape);
      },
    };
  },
});

/** On the ramp: the weight of the next step, a function of the step alone, or the end. */
function down(
  state: State & { readonly fired: NonNullable<State['fired']> },
  step: number,
  steps: number,
  shape: keyof typeof SHAPES,
): ReturnType<TerminationTrigger<State>['decide']> {
  const { step: since, reason } = state.fired;
  const done = step - since;
  if (done < steps) return { state, weight: SHAPES[shape](done / steps) };
  const ramped = `then faded out over ${steps.toLocaleString('en')} steps from step ${since.toLocaleString('en')}`;
  return { state, stop: `${reason}; ${ramped}` };
}

/**
 * `ramp(trigger, { steps, shape })`: no hard stop. When the trigger fires after step s, step s + k of alignment weighs
 * shape(k / steps) of what it did, k = 0, 1, …; after step s + steps the teacher is freed. A cosine over an eighth of the
 * run is what RARE does (arXiv 2609.34732).
 */
export const ramp = positional(
  definition,
  (trigger: RefInput<'trigger'>, options: { readonly steps: number; readonly shape?: 'linear' | 'cosine' }) => ({
    trigger,
    ...options,
  }),
);
