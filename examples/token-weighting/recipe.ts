// Weights over tokens on the quickstart: tokens that the teacher's last block looks at count more in the feature term, and a
// fifth of the weight goes to all alike. `by` may also be 'contrast', or a map such as one that counts the middle only.
import { defineRecipe, fashionMnistTeacher, featureAlignment, fixed, pairs, tokenWeights } from '@hastejs/haste';
import quickstart from '../quickstart/recipe.js';

export default defineRecipe({
  ...quickstart,
  name: 'token-weighting',
  alignment: {
    teacher: fashionMnistTeacher(),
    terms: {
      feature: {
        loss: tokenWeights({ loss: featureAlignment({ hidden: 256 }), by: 'attention', floor: 0.2 }),
        layers: pairs({ pairs: [[1, 'final']] }),
        weight: 0.5,
      },
    },
    until: fixed({ step: 900 }),
  },
});
