import { definePlugin } from '@hastejs/plugin-api';
import { frechet } from './frechet.js';

export { frechet } from './frechet.js';

export default definePlugin({
  name: '@hastejs/metric-frechet',
  version: '0.1.0',
  api: '^1.0.0',
  extensions: [frechet],
});
