// Minutes on the cpu backend at the released sizes, so beside the other cases instead of after them.
import { goldenSuite } from './runner/suite.js';

goldenSuite('cpu', { belongs: (name) => name.startsWith('haste_loss') });
