import { definePlugin } from '@hastejs/plugin-api';
import { cpuBackend } from './backend.js';

export { cpuBackend };

export default definePlugin({
  name: '@hastejs/backend-cpu',
  version: '0.1.0',
  api: '^1.0.0',
  extensions: [cpuBackend],
});
