import { describe, it } from 'node:test';
import { describeContract, triggerContract } from '@hastejs/testkit';
import { templateExport } from './trigger.js';

describeContract(
  triggerContract(templateExport, { options: { metric: 'align/feature', fast: 5, slow: 20, patience: 3 } }),
  { describe, it },
);
describeContract(
  triggerContract(templateExport, { name: 'defaults', options: { metric: 'metric/score', better: 'higher' } }),
  { describe, it },
);
