import { wasm } from '@hastejs/haste';

export const backend = wasm();
