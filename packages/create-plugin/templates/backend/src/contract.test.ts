import { describe, it } from 'node:test';
import { backendContract, describeContract } from '@hastejs/testkit';
import { templateExport } from './backend.js';

describeContract(backendContract(templateExport), { describe, it });
