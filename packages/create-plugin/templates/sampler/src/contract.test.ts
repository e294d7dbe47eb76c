import { describe, it } from 'node:test';
import { describeContract, pluginContract } from '@hastejs/testkit';

// Imported here and not above, since the contract also says that importing a plugin does nothing.
const contract = await pluginContract(() => import('./index.js'), {
  cases: {
    'sampler/template-id': [{ options: { steps: 8 } }, { name: 'one step', options: { steps: 1 } }],
  },
});
describeContract(contract, { describe, it });
