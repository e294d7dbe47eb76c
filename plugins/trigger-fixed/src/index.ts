import { definePlugin } from '@hastejs/plugin-api';
import { fixed } from './fixed.js';

export { fixed } from './fixed.js';
export { PUBLISHED_STOPS } from './published-stops.js';

export default definePlugin({
  name: '@hastejs/trigger-fixed',
  version: '0.1.0',
  api: '^1.0.0',
  extensions: [fixed],
});
