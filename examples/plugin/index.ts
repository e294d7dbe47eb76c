import { definePlugin } from '@hastejs/plugin-api';
import { linearRegression } from './loss.js';
import { patchStatistics } from './teacher.js';
import { fallen } from './trigger.js';

export { fallen, linearRegression, patchStatistics };

export default definePlugin({
  name: 'haste-plugin-statistics',
  version: '1.0.0',
  api: '^1.0.0',
  extensions: [patchStatistics, linearRegression, fallen],
});
