import { describe, it } from 'node:test';
import { describeContract, pluginContract } from '@hastejs/testkit';

// Imported here and not above, since the contract also says that importing a plugin does nothing.
const contract = await pluginContract(() => import('./index.js'), {
  cases: {
    'logger/template-id': [{}, { name: 'every third', options: { file: 'log.csv', every: 3 } }],
  },
});
describeContract(contract, { describe, it });
