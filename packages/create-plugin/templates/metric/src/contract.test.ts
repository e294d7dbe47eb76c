import { describe, it } from 'node:test';
import { describeContract, pluginContract } from '@hastejs/testkit';

// Imported here and not above, since the contract also says that importing a plugin does nothing.
const contract = await pluginContract(() => import('./index.js'), {
  cases: {
    'metric/template-id': [
      { options: { every: 2, images: 5 }, refuses: [{ options: { blocks: [99], images: 5 }, says: /block 99/ }] },
      { name: 'one block', options: { every: 1, blocks: [1], images: 4, time: 0 } },
    ],
  },
});
describeContract(contract, { describe, it });
