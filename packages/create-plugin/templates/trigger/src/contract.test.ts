import { describe, it } from 'node:test';
import { describeContract, pluginContract } from '@hastejs/testkit';

// Imported here and not above, since the contract also says that importing a plugin does nothing.
const contract = await pluginContract(() => import('./index.js'), {
  cases: {
    'trigger/template-id': [
      {
        options: { metric: 'align/feature', fast: 5, slow: 20, patience: 3 },
        story: (step) => ({ 'align/feature': Math.exp(-step / 50) }),
        stopsAt: 182,
      },
      {
        name: 'a steady gain',
        options: { metric: 'grad_norm', better: 'higher' },
        story: (step) => ({ grad_norm: step }),
        stopsAt: null,
      },
    ],
  },
});
describeContract(contract, { describe, it });
