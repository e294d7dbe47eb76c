import { definePlugin } from '@hastejs/plugin-api';
import { clip } from './clip.js';

export { clip };

export default definePlugin({ name: '@hastejs/teacher-clip', version: '0.1.0', api: '^1.0.0', extensions: [clip] });
