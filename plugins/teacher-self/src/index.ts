import { definePlugin } from '@hastejs/plugin-api';
import { selfTeacher } from './self-teacher.js';

export { selfTeacher };

export default definePlugin({
  name: '@hastejs/teacher-self',
  version: '0.1.0',
  api: '^1.0.0',
  extensions: [selfTeacher],
});
