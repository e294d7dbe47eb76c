import { definePlugin } from '@hastejs/plugin-api';
import { gradientAngle } from './gradient-angle.js';

export { gradientAngle } from './gradient-angle.js';

export default definePlugin({
  name: '@hastejs/metric-gradient-angle',
  version: '0.1.0',
  api: '^1.0.0',
  extensions: [gradientAngle],
});
