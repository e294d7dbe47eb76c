// What the cases of bench/step.mjs train, as recipes.
import { fileURLToPath } from 'node:url';
import { readRecipe } from '@hastejs/core';
import { attentionAlignment, dino, featureAlignment, pairs, sit } from '@hastejs/haste';
import { vitSpec } from '@hastejs/models';
import { madeUp } from './made-up.mjs';

const QUICKSTART = fileURLToPath(new URL('../../examples/quickstart/recipe.ts', import.meta.url));
/** Where a case's teacher lies in its folder. */
export const TEACHER_FILE = 'teacher.safetensors';

/** SiT-S/2 on latents of 256-pixel images: 256 tokens, 1,000 classes, the optimizer of the paper. */
export const sitS2 = (batchSize, change = {}) => sitOf('SiT-S/2', batchSize, change);

const sitOf = (size, batchSize, change) => ({
  name: size.replace('/', '-').toLowerCase(),
  student: sit({ size }),
  data: madeUp({ channels: 4, side: 32, classes: 1000, length: batchSize }),
  steps: 1000,
  batchSize,
  ...change,
});

/** A model so small that a step is nothing but its overhead: as deep as SiT-S, 4 tokens of width 48. */
export const tiny = () => ({
  name: 'tiny',
  student: sit({ hiddenSize: 48, depth: 12, numHeads: 3, patchSize: 2 }),
  data: madeUp({ channels: 4, side: 4, classes: 10, length: 1 }),
  steps: 1000,
  batchSize: 1,
});

/** A small SiT with a small teacher of DINOv2's layout, on made-up photos: what the tests compare. */
export const toy = (change = {}) => ({
  name: 'toy',
  student: sit({ hiddenSize: 16, depth: 3, numHeads: 2, patchSize: 2 }),
  data: madeUp({ channels: 4, side: 8, classes: 5, length: 3 }),
  steps: 1000,
  batchSize: 3,
  alignment: alignment({
    feature: 1,
    hidden: 24,
    attention: [
      [0, 1],
      [1, 2],
    ],
  }),
  ...change,
});

/** The paper's setting for students of 24 blocks and more (METHOD: feature depth 8, blocks 4 to 7 to the last four). */
export const sitWithDino = (size, batchSize, change = {}) =>
  sitOf(size, batchSize, {
    ...change,
    alignment: alignment({
      feature: 7,
      hidden: 2048,
      attention: [
        [4, 8],
        [5, 9],
        [6, 10],
        [7, 11],
      ],
    }),
  });

function alignment({ feature, hidden, attention }) {
  return {
    teacher: dino({ weights: TEACHER_FILE }),
    terms: {
      feature: { loss: featureAlignment({ hidden }), layers: pairs({ pairs: [[feature, 'final']] }) },
      attention: { loss: attentionAlignment(), layers: pairs({ pairs: attention }) },
    },
  };
}

/** DINOv2-B as released: its positions are for 518 pixels. */
export const DINO_B = vitSpec({
  hiddenSize: 768,
  depth: 12,
  numHeads: 12,
  patchSize: 14,
  grid: { height: 37, width: 37 },
  layerScale: 1,
});

export const TOY_TEACHER = vitSpec({
  hiddenSize: 24,
  depth: 3,
  numHeads: 3,
  patchSize: 4,
  grid: { height: 6, width: 6 },
  layerScale: 1,
});

/** The quickstart's own recipe. */
export async function quickstart() {
  return (await readRecipe(QUICKSTART)).recipe;
}
