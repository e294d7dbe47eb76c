// A data set of random images of any shape: what a step costs does not depend on what they show.
import { defineDataset, definePlugin } from '@hastejs/plugin-api';
import { rng } from '@hastejs/tensor';
import { z } from 'zod';

const count = () => z.number().int().positive();

/** Images of uniform noise, as many as a batch. With four channels they stand for latents. */
export const madeUp = defineDataset({
  id: 'data/made-up',
  summary: 'Random images of any shape.',
  options: z.strictObject({ channels: count(), side: count(), classes: count(), length: count() }),
  create: ({ channels, side, classes, length }) => {
    const size = channels * side * side;
    const imageOf = (index) => Uint8Array.from(rng(index).stream('image').integers(size, 256));
    const images = Array.from({ length }, (_, index) => imageOf(index));
    const labels = rng(0).stream('labels').integers(length, classes);
    return {
      spec: {
        name: 'made-up',
        length,
        classes: Array.from({ length: classes }, (_, index) => `class ${index}`),
        image: { channels, height: side, width: side },
        fingerprint: `made-up-${channels}x${side}x${side}-${classes}`,
        variants: ['plain'],
      },
      dispose: () => undefined,
      read: async (indices) => ({
        images_BCHW: Uint8Array.from([...indices].flatMap((index) => [...images[index]])),
        labels_B: indices.map((index) => labels[index]),
      }),
    };
  },
});

export const madeUpPlugin = definePlugin({
  name: 'haste-bench',
  version: '0.1.0',
  api: '^1.0.0',
  extensions: [madeUp],
});
