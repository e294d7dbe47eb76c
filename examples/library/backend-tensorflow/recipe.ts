import { tensorflow } from '@hastejs/haste';

export const backend = tensorflow({ package: 'auto' }); // or 'tfjs-node', 'tfjs-node-gpu'
