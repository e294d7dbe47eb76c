import { definePlugin } from '@hastejs/plugin-api';
import { featureAlignment } from './feature-alignment.js';

export { featureAlignment } from './feature-alignment.js';
export { initProjector, project } from './projector.js';

export default definePlugin({
  name: '@hastejs/loss-feature',
  version: '0.1.0',
  api: '^1.0.0',
  extensions: [featureAlignment],
});
