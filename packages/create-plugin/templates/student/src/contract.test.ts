import { describe, it } from 'node:test';
import { describeContract, pluginContract } from '@hastejs/testkit';

const small = { width: 16, blocks: 2, heads: 2, patch: 4 };

// Imported here and not above, since the contract also says that importing a plugin does nothing.
const contract = await pluginContract(() => import('./index.js'), {
  cases: {
    'student/template-id': [
      { options: small, refuses: [{ options: { ...small, patch: 3 }, says: /3×3 do not divide/ }] },
      { name: 'small patches', options: { ...small, patch: 2, blocks: 1 } },
    ],
  },
});
describeContract(contract, { describe, it });
