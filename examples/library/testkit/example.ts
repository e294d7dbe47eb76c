import { type TerminationTrigger, defineTrigger } from '@hastejs/plugin-api';
import { runContract, triggerContract } from '@hastejs/testkit';
import { z } from 'zod';

/** Keeps its count in a variable: a run that is resumed would begin again from nothing. */
let calls = 0;
const forgetful = defineTrigger({
  id: 'trigger/forgetful',
  summary: 'Fades out as often as it is asked.',
  options: z.strictObject({}),
  create: (): TerminationTrigger<null> => ({
    watches: [],
    init: () => null,
    decide: (state) => ({ state, weight: 1 / ++calls }),
  }),
});

const { passed, failed } = await runContract(triggerContract(forgetful));
console.log(`${passed.length} checks hold`);
for (const { name, error } of failed) console.log(`${name}: ${error.message.split('\n')[0]}`);
