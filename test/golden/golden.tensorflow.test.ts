import { goldenSuite } from './runner/suite.js';

goldenSuite('tensorflow');
