import { describe, it } from 'node:test';
import { alignmentLossContract, describeContract } from '@hastejs/testkit';
import { templateExport } from './loss.js';

describeContract(alignmentLossContract(templateExport), { describe, it });
describeContract(
  alignmentLossContract(templateExport, { name: 'narrow, as it is', options: { beta: 0.1, whiten: false } }),
  { describe, it },
);
