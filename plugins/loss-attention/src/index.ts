import { definePlugin } from '@hastejs/plugin-api';
import { attentionAlignment } from './attention-alignment.js';

export { attentionAlignment } from './attention-alignment.js';

export default definePlugin({
  name: '@hastejs/loss-attention',
  version: '0.1.0',
  api: '^1.0.0',
  extensions: [attentionAlignment],
});
