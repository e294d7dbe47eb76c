import { describe, it } from 'node:test';
import { describeContract, pluginContract } from '@hastejs/testkit';

// Imported here and not above, since the contract also says that importing a plugin does nothing.
const contract = await pluginContract(() => import('./index.js'), {
  cases: {
    'layers/template-id': [{ options: { count: 2 } }, { name: 'one pair', options: { count: 1, grids: 'resample' } }],
  },
});
describeContract(contract, { describe, it });
