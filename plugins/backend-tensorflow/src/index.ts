import { definePlugin } from '@hastejs/plugin-api';
import { tensorflowBackend } from './backend.js';
import { locate } from './locate.js';

export { locate, tensorflowBackend };

export default definePlugin({
  name: '@hastejs/backend-tensorflow',
  version: '0.1.0',
  api: '^1.0.0',
  extensions: [tensorflowBackend],
});
