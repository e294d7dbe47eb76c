import { definePlugin } from '@hastejs/plugin-api';
import { dino } from '@hastejs/teacher-dino';
import { fileURLToPath } from 'node:url';

const NAME = 'fashion-mnist-teacher';

/** The small teacher that Haste ships, under a name that means the same on every machine. */
export const shippedTeacher = definePlugin({
  name: '@hastejs/haste',
  version: '0.1.0',
  api: '^1.0.0',
  extensions: [],
  assets: { [NAME]: fileURLToPath(new URL(`../assets/${NAME}.safetensors`, import.meta.url)) },
});

type DinoOptions = Parameters<typeof dino>[0];

/**
 * A vision transformer trained on Fashion-MNIST by `examples/fashion-mnist-teacher`, small enough to be shipped: what the
 * quickstart aligns to. Its provenance lies beside the weights.
 */
export function fashionMnistTeacher(options: Omit<DinoOptions, 'weights'> = {}): ReturnType<typeof dino> {
  return dino({ weights: `haste:${NAME}`, ...options });
}
