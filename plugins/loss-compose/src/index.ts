import { definePlugin } from '@hastejs/plugin-api';
import { spatialNorm } from './spatial-norm.js';
import { tokenWeights } from './token-weights.js';

export { spatialNorm } from './spatial-norm.js';
export { tokenWeights } from './token-weights.js';

/** Losses around losses: each has the loss that it changes among its options. */
export default definePlugin({
  name: '@hastejs/loss-compose',
  version: '0.1.0',
  api: '^1.1.0',
  extensions: [spatialNorm, tokenWeights],
});
