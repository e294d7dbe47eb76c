import { goldenSuite } from './runner/suite.js';

goldenSuite('cpu', (name) => !name.startsWith('haste_loss'));
