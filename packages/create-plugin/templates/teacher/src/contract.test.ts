import { describe, it } from 'node:test';
import { describeContract, teacherContract } from '@hastejs/testkit';
import { templateExport } from './teacher.js';

describeContract(teacherContract(templateExport), { describe, it });
describeContract(teacherContract(templateExport, { name: 'one scale', options: { orientations: 3, scales: 1 } }), {
  describe,
  it,
});
