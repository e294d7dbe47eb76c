import { definePlugin } from '@hastejs/plugin-api';
import { featureFile } from './features.js';

export { featureFile };

export default definePlugin({
  name: '@hastejs/teacher-features',
  version: '0.1.0',
  api: '^1.0.0',
  extensions: [featureFile],
});
