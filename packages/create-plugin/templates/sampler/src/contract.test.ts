import { describe, it } from 'node:test';
import { describeContract, samplerContract } from '@hastejs/testkit';
import { templateExport } from './sampler.js';

describeContract(samplerContract(templateExport, { options: { steps: 8 } }), { describe, it });
describeContract(samplerContract(templateExport, { name: 'one step', options: { steps: 1 } }), { describe, it });
