import { definePlugin } from '@hastejs/plugin-api';
import { templateExport } from './loss.js';

export { templateExport } from './loss.js';

export default definePlugin({
  name: 'template-package',
  version: '0.1.0',
  api: '^1.0.0',
  extensions: [templateExport],
});
