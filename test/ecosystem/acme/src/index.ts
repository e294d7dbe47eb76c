import { definePlugin } from '@hastejs/plugin-api';
import { edges } from './edges.js';
import { huber } from './huber.js';
import { patient } from './patient.js';

export { edges, huber, patient };

export default definePlugin({
  name: '@acme/haste-edges',
  version: '2.3.4',
  api: '^1.0.0',
  extensions: [edges, huber, patient],
});
