import { definePlugin } from '@hastejs/plugin-api';
import { dispersive } from './dispersive.js';

export { dispersive } from './dispersive.js';

export default definePlugin({
  name: '@hastejs/loss-dispersive',
  version: '0.1.0',
  api: '^1.1.0',
  extensions: [dispersive],
});
