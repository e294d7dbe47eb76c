import { definePlugin } from '@hastejs/plugin-api';
import { residual } from './residual.js';

export { residual } from './residual.js';

export default definePlugin({
  name: '@hastejs/trigger-residual',
  version: '0.1.0',
  api: '^1.0.0',
  extensions: [residual],
});
