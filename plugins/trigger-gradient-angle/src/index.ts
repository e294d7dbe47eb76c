import { definePlugin } from '@hastejs/plugin-api';
import { gradientConflict } from './gradient-conflict.js';

export { gradientConflict } from './gradient-conflict.js';

export default definePlugin({
  name: '@hastejs/trigger-gradient-angle',
  version: '0.1.0',
  api: '^1.0.0',
  extensions: [gradientConflict],
});
