import { definePlugin } from '@hastejs/plugin-api';
import { relationAlignment } from './relation-alignment.js';

export { relationAlignment } from './relation-alignment.js';

export default definePlugin({
  name: '@hastejs/loss-relation',
  version: '0.1.0',
  api: '^1.0.0',
  extensions: [relationAlignment],
});
