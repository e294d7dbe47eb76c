import { definePlugin } from '@hastejs/plugin-api';
import { blocks } from './blocks.js';
import { pairs } from './pairs.js';
import { published } from './published.js';
import { relative } from './relative.js';

export { blocks } from './blocks.js';
export { pairs } from './pairs.js';
export { published } from './published.js';
export { relative } from './relative.js';

/**
 * Ways to say which student block learns from which teacher block: `pairs` when you know the blocks, `published` for
 * the paper's own settings, `relative` when the depth of either model is still to be varied;
 * and `blocks`, for a loss that has no teacher.
 */
export default definePlugin({
  name: '@hastejs/layers',
  version: '0.1.0',
  api: '^1.1.0',
  extensions: [blocks, pairs, published, relative],
});
