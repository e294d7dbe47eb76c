import { type TerminationTrigger, definePlugin, defineTrigger } from '@hastejs/plugin-api';
import { z } from 'zod';

/** Ends alignment once the denoising loss has been below a bound. */
export const below = defineTrigger({
  id: 'trigger/below',
  summary: 'Ends alignment once the denoising loss is below a bound.',
  options: z.strictObject({ bound: z.number().positive().describe('The denoising loss at which alignment ends.') }),
  create: ({ bound }): TerminationTrigger<null> => ({
    watches: ['loss/denoise'],
    init: () => null,
    decide: (state, { metrics }) => {
      const loss = metrics['loss/denoise'] ?? Infinity;
      return loss < bound ? { state, stop: `the denoising loss is ${loss}, below ${bound}` } : { state };
    },
  }),
});
export default definePlugin({ name: 'my-trigger', version: '1.0.0', api: '^1.0.0', extensions: [below] });

// Calling an extension gives what a recipe holds: plain data.
console.log(JSON.stringify(below({ bound: 0.5 })));
