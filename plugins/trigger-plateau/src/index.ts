import { definePlugin } from '@hastejs/plugin-api';
import { plateau } from './plateau.js';

export { plateau } from './plateau.js';

export default definePlugin({
  name: '@hastejs/trigger-plateau',
  version: '0.1.0',
  api: '^1.0.0',
  extensions: [plateau],
});
