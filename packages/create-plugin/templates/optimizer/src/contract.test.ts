import { describe, it } from 'node:test';
import { describeContract, optimizerContract } from '@hastejs/testkit';
import { templateExport } from './optimizer.js';

describeContract(optimizerContract(templateExport), { describe, it });
describeContract(
  optimizerContract(templateExport, { name: 'decay and warm-up', options: { weightDecay: 0.1, warmup: 3 } }),
  { describe, it },
);
