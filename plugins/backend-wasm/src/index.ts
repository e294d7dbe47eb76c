import { definePlugin } from '@hastejs/plugin-api';
import { wasmBackend } from './backend.js';

export { wasmBackend };

export default definePlugin({
  name: '@hastejs/backend-wasm',
  version: '0.1.0',
  api: '^1.0.0',
  extensions: [wasmBackend],
});
