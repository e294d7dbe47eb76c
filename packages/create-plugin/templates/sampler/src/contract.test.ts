import { describe, it } from 'node:test';
import { describeContract, pluginContract } from '@hastejs/testkit';

// Imported here and not above, since the contract also says that importing a plugin does nothing.
const contract = await pluginContract(() => import('./index.js'), {
  cases: {
    'sampler/template-id': [{}, { name: 'few steps', options: { steps: 16 } }],
  },
});
describeContract(contract, { describe, it });
