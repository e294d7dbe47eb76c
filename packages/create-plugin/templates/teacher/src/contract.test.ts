import { describe, it } from 'node:test';
import { describeContract, pluginContract } from '@hastejs/testkit';

// Imported here and not above, since the contract also says that importing a plugin does nothing.
const contract = await pluginContract(() => import('./index.js'), {
  cases: {
    'teacher/template-id': [{}, { name: 'one scale', options: { orientations: 3, scales: 1 } }],
  },
});
describeContract(contract, { describe, it });
