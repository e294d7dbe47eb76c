import { describe, it } from 'node:test';
import { describeContract, pluginContract } from '@hastejs/testkit';

// Imported here and not above, since the contract also says that importing a plugin does nothing.
const contract = await pluginContract(() => import('./index.js'), {
  cases: {
    'trigger/template-id': [
      { options: { metric: 'align/feature', fast: 5, slow: 20, patience: 3 } },
      { name: 'defaults', options: { metric: 'grad_norm', better: 'higher' } },
    ],
  },
});
describeContract(contract, { describe, it });
