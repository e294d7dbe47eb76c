import { describe, it } from 'node:test';
import { describeContract, metricContract } from '@hastejs/testkit';
import { templateExport } from './metric.js';

describeContract(metricContract(templateExport, { options: { images: 5 } }), { describe, it });
describeContract(metricContract(templateExport, { name: 'one block', options: { blocks: [1], images: 4, time: 0 } }), {
  describe,
  it,
});
