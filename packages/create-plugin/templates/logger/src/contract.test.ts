import { describe, it } from 'node:test';
import { describeContract, loggerContract } from '@hastejs/testkit';
import { templateExport } from './logger.js';

describeContract(loggerContract(templateExport), { describe, it });
describeContract(loggerContract(templateExport, { name: 'every third', options: { file: 'log.csv', every: 3 } }), {
  describe,
  it,
});
