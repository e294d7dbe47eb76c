import { type Observation, type TerminationTrigger, defineTrigger } from '@hastejs/plugin-api';
import { z } from 'zod';

/** What each unit reads from an observation, and what one of it is called. */
const UNITS = {
  step: { of: (observation: Observation) => observation.step, noun: 'step' },
  epoch: { of: (observation: Observation) => observation.epoch, noun: 'epoch' },
  images: { of: (observation: Observation) => observation.imagesSeen, noun: 'image' },
} as const;

type Unit = keyof typeof UNITS;
const given = (options: Partial<Record<Unit, number | undefined>>): Unit[] =>
  (Object.keys(UNITS) as Unit[]).filter((unit) => options[unit] !== undefined);

/**
 * Ends alignment at a point known beforehand, as in the paper's main results: `fixed({ step: n })` aligns for exactly n
 * steps. `epoch` (fractions allowed) and `images` end it at the first step boundary at or after that point.
 */
export const fixed = defineTrigger({
  id: 'trigger/fixed',
  summary: 'Ends alignment after a fixed number of steps, epochs or images.',
  options: z
    .strictObject({
      step: z.int().nonnegative().optional().describe('Steps with alignment.'),
      epoch: z.number().nonnegative().optional().describe('Passes over the data set with alignment.'),
      images: z.number().nonnegative().optional().describe('Images seen with alignment.'),
    })
    .refine((options) => given(options).length === 1, 'Give exactly one of step, epoch and images.'),
  create: (options): TerminationTrigger<null> => {
    const unit = given(options)[0]!;
    const limit = options[unit]!;
    const { of, noun } = UNITS[unit];
    const stop = `${noun} ${limit.toLocaleString('en')} is reached, where alignment was set to end`;
    return {
      watches: [],
      init: () => null,
      decide: (state, observation) => (of(observation) >= limit ? { state, stop } : { state }),
    };
  },
});
