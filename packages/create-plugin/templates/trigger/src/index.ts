import { definePlugin } from '@hastejs/plugin-api';
import { templateExport } from './trigger.js';

export { templateExport } from './trigger.js';

export default definePlugin({
  name: 'template-package',
  version: '0.1.0',
  api: '^1.0.0',
  extensions: [templateExport],
});
