import { definePlugin } from '@hastejs/plugin-api';
import { featureAlignmentConv } from './feature-alignment-conv.js';
import { featureAlignment } from './feature-alignment.js';

export { featureAlignmentConv } from './feature-alignment-conv.js';
export { featureAlignment } from './feature-alignment.js';

export default definePlugin({
  name: '@hastejs/loss-feature',
  version: '0.1.0',
  api: '^1.1.0',
  extensions: [featureAlignment, featureAlignmentConv],
});
