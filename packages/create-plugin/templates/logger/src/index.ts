import { definePlugin } from '@hastejs/plugin-api';
import { templateExport } from './logger.js';

export { templateExport } from './logger.js';

export default definePlugin({
  name: 'template-package',
  version: '0.1.0',
  api: '^1.0.0',
  extensions: [templateExport],
});
