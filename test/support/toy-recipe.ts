import type { RecipeInput } from '@hastejs/core';

/**
 * The smallest run of the real thing, as a JSON recipe: the shipped garments, the shipped teacher, both phases, a few
 * seconds. Its pieces are replaced to make bad recipes.
 */
export const TOY_RECIPE = {
  name: 'toy',
  seed: 1,
  student: { id: 'student/sit', with: { hiddenSize: 32, depth: 2, numHeads: 2, patchSize: 7 } },
  data: { id: 'data/fashion-mnist', with: { source: 'shipped' } },
  alignment: {
    teacher: { id: 'teacher/dino', with: { weights: 'haste:fashion-mnist-teacher' } },
    terms: {
      feature: {
        loss: { id: 'loss/feature', with: { hidden: 16 } },
        layers: { id: 'layers/pairs', with: { pairs: [[0, 'final']] } },
      },
    },
    until: { id: 'trigger/fixed', with: { step: 6 } },
  },
  steps: 12,
  batchSize: 8,
  ema: { decay: 0.9 },
  checkpoints: { every: 4, keep: 2 },
  // Named: what a machine has set up besides must not decide what these tests test.
  backend: 'backend/wasm',
  sampling: { sampler: { id: 'sampler/euler', with: { steps: 4 } }, perClass: 2 },
} as const satisfies RecipeInput;
