import { definePlugin } from '@hastejs/plugin-api';
import { alignmentByLayer } from './alignment-by-layer.js';

export { alignmentByLayer } from './alignment-by-layer.js';

export default definePlugin({
  name: '@hastejs/metric-alignment',
  version: '0.1.0',
  api: '^1.0.0',
  extensions: [alignmentByLayer],
});
