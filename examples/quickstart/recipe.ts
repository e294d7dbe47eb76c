// Fashion-MNIST in minutes on two CPU cores: a small SiT learns from a small vision transformer until step 900, and goes on
// alone. recipe.yaml and recipe.json say the same; a test holds the three together.
import {
  adamw,
  attentionAlignment,
  defineRecipe,
  fashionMnist,
  fashionMnistTeacher,
  featureAlignment,
  fixed,
  heun,
  pairs,
  sit,
} from '@hastejs/haste';

/** Tokens after the student's second block learn the teacher's final features … */
const features = pairs({ pairs: [[1, 'final']] });
/** … and its middle blocks learn where the teacher's later blocks look. Blocks count from 0. */
const maps = pairs({
  pairs: [
    [1, 2],
    [2, 3],
  ],
});

export default defineRecipe({
  name: 'quickstart',
  student: sit({ hiddenSize: 96, depth: 4, numHeads: 4, patchSize: 4 }),
  data: fashionMnist(),
  alignment: {
    teacher: fashionMnistTeacher(),
    terms: {
      feature: { loss: featureAlignment({ hidden: 256 }), layers: features, weight: 0.5 },
      attention: { loss: attentionAlignment(), layers: maps, weight: 0.25 },
    },
    until: fixed({ step: 900 }),
  },
  steps: 2000,
  batchSize: 16,
  // A short run: a high learning rate that falls to zero, and a moving average over the last hundred steps.
  optimizer: adamw({ lr: 3e-3, betas: [0.9, 0.99], warmup: 100, decay: { until: 2000 } }),
  ema: { decay: 0.99 },
  checkpoints: { every: 500, keep: 2, at: [500] }, // 500: phase I, to fork from
  sampling: { sampler: heun({ steps: 12 }), guidance: { scale: 2.5 }, perClass: 10 },
});
