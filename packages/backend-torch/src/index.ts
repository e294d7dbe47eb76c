import { definePlugin } from '@hastejs/plugin-api';
import { torchBackend } from './backend.js';

export { findBuilt } from './libtorch/find-built.js';
export type { FoundBuild } from './libtorch/find-built.js';
export { torchBackend };

export default definePlugin({
  name: '@hastejs/backend-torch',
  version: '0.1.0',
  api: '^1.0.0',
  extensions: [torchBackend],
});
