import { describe, it } from 'node:test';
import { describeContract, pluginContract } from '@hastejs/testkit';

// Imported here and not above, since the contract also says that importing a plugin does nothing.
const contract = await pluginContract(() => import('./index.js'), {
  cases: {
    'loss/template-id': [{}, { name: 'narrow, as it is', options: { beta: 0.1, whiten: false } }],
  },
});
describeContract(contract, { describe, it });
