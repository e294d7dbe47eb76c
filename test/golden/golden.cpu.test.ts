import { goldenSuite } from './runner/suite.js';

goldenSuite('cpu');
