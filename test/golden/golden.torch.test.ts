import { goldenSuite } from './runner/suite.js';

goldenSuite('torch', { options: { matmul: 'highest' } });
goldenSuite('torch', { options: { matmul: 'high' } });
