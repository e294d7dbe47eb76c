import { definePlugin } from '@hastejs/plugin-api';
import { dino } from './dino.js';

export { dino };

export default definePlugin({ name: '@hastejs/teacher-dino', version: '0.1.0', api: '^1.0.0', extensions: [dino] });
