import { describe, it } from 'node:test';
import { describeContract, pluginContract } from '@hastejs/testkit';

// Imported here and not above, since the contract also says that importing a plugin does nothing.
const contract = await pluginContract(() => import('./index.js'), {
  cases: {
    'optimizer/template-id': [{}, { name: 'decay and warm-up', options: { weightDecay: 0.1, warmup: 3 } }],
  },
});
describeContract(contract, { describe, it });
