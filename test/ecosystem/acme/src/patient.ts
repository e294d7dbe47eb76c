import { defineTrigger } from '@hastejs/plugin-api';
import { z } from 'zod';

interface State {
  readonly best: number | null;
  readonly since: number;
}

export const patient = defineTrigger({
  id: 'trigger/patient',
  summary: 'Stops once a term has not come down for some steps.',
  options: z.strictObject({
    term: z.string().min(1).describe('Alignment term to watch'),
    steps: z.number().int().positive().default(3).describe('Steps without a new lowest value'),
  }),
  create: ({ term, steps }) => {
    const name = `align/${term}`;
    return {
      watches: [name],
      init: () => ({ best: null, since: 0 }),
      decide: (given, { step, metrics }) => {
        const { best, since } = given as unknown as State;
        const value = metrics[name];
        const state = value !== undefined && (best === null || value < best) ? { best: value, since: step } : { best, since };
        return step - state.since >= steps ? { state, stop: `${name} has not come down for ${steps} steps` } : { state };
      },
    };
  },
});
