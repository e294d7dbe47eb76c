import { definePlugin } from '@hastejs/plugin-api';
import { after } from './after.js';
import { allOf } from './all-of.js';
import { anyOf } from './any-of.js';
import { atMost } from './at-most.js';
import { ramp } from './ramp.js';

export { after } from './after.js';
export { allOf } from './all-of.js';
export { anyOf } from './any-of.js';
export { atMost } from './at-most.js';
export { ramp } from './ramp.js';

export default definePlugin({
  name: '@hastejs/trigger-compose',
  version: '0.1.0',
  api: '^1.0.0',
  extensions: [after, allOf, anyOf, atMost, ramp],
});
