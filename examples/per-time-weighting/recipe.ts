// A weight over diffusion time on the quickstart: features are aligned where the image can still be seen, and hardly where
// noise covers it (variance-aware alignment, arXiv 2602.05435, by its sigmoid). t = 0 is data.
import { defineRecipe, fashionMnistTeacher, featureAlignment, fixed, pairs, timeBands } from '@hastejs/haste';
import quickstart from '../quickstart/recipe.js';

export default defineRecipe({
  ...quickstart,
  name: 'per-time-weighting',
  alignment: {
    teacher: fashionMnistTeacher(),
    terms: {
      feature: {
        loss: featureAlignment({ hidden: 256 }),
        layers: pairs({ pairs: [[1, 'final']] }),
        weight: { value: 0.5, overTime: timeBands((t) => 1 / (1 + Math.exp(20 * (t - 0.7)))) },
      },
    },
    until: fixed({ step: 900 }),
  },
});
