import { goldenSuite } from './runner/suite.js';

goldenSuite('cpu', { belongs: (name) => !name.startsWith('haste_loss') });
