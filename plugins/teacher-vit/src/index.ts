import { definePlugin } from '@hastejs/plugin-api';
import { vit } from './vit.js';

export { vit };

export default definePlugin({ name: '@hastejs/teacher-vit', version: '0.1.0', api: '^1.0.0', extensions: [vit] });
