import { describe, it } from 'node:test';
import { describeContract, targetLayersContract } from '@hastejs/testkit';
import { templateExport } from './layers.js';

describeContract(targetLayersContract(templateExport, { options: { count: 2 } }), { describe, it });
describeContract(targetLayersContract(templateExport, { name: 'one pair', options: { count: 1, grids: 'resample' } }), {
  describe,
  it,
});
