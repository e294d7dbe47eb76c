import { describe, it } from 'node:test';
import { describeContract, pluginContract } from '@hastejs/testkit';

// Imported here and not above, since the contract also says that importing a plugin does nothing.
const contract = await pluginContract(() => import('./index.js'), {
  cases: {
    'data/template-id': [
      { options: { length: 60 } },
      { name: 'mirrored', options: { length: 60, size: 20, mirror: true } },
    ],
  },
});
describeContract(contract, { describe, it });
