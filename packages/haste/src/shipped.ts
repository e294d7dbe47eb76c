import { definePlugin } from '@hastejs/plugin-api';
import { fileURLToPath } from 'node:url';

export const SHIPPED_TEACHER = 'fashion-mnist-teacher';
const SHIPPED_CLASSIFIER = 'fashion-mnist-classifier';

const pathOf = (name: string): string => fileURLToPath(new URL(`../assets/${name}.safetensors`, import.meta.url));

/** The weights that Haste ships, under names that mean the same on every machine. */
export const shipped = definePlugin({
  name: '@hastejs/haste',
  version: '0.1.0',
  api: '^1.0.0',
  extensions: [],
  assets: Object.fromEntries([SHIPPED_TEACHER, SHIPPED_CLASSIFIER].map((name) => [name, pathOf(name)])),
});
