import { describe, it } from 'node:test';
import { describeContract, studentContract } from '@hastejs/testkit';
import { templateExport } from './student.js';

const small = { width: 16, blocks: 2, heads: 2, patch: 4 };

describeContract(studentContract(templateExport, { options: small }), { describe, it });
describeContract(studentContract(templateExport, { name: 'small patches', options: { ...small, patch: 2, blocks: 1 } }), {
  describe,
  it,
});
