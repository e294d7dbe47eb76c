import { definePlugin } from '@hastejs/plugin-api';
import { score } from './score.js';

export { score } from './score.js';

export default definePlugin({
  name: '@hastejs/trigger-metric',
  version: '0.1.0',
  api: '^1.0.0',
  extensions: [score],
});
