import { describe, it } from 'node:test';
import { datasetContract, describeContract } from '@hastejs/testkit';
import { templateExport } from './dataset.js';

describeContract(datasetContract(templateExport, { options: { length: 60 } }), { describe, it });
describeContract(datasetContract(templateExport, { name: 'mirrored', options: { length: 60, size: 20, mirror: true } }), {
  describe,
  it,
});
