// iREPA (arXiv 2512.10794) on the quickstart: one convolution in place of the projector's MLP, and the teacher's tokens
// normalised over each image. docs/alignment-losses.md says what each does.
import { defineRecipe, featureAlignmentConv, fashionMnistTeacher, fixed, pairs, spatialNorm } from '@hastejs/haste';
import quickstart from '../quickstart/recipe.js';

export default defineRecipe({
  ...quickstart,
  name: 'irepa',
  alignment: {
    teacher: fashionMnistTeacher(),
    terms: {
      feature: {
        loss: spatialNorm({ loss: featureAlignmentConv({ kernel: 3 }), gamma: 1 }),
        layers: pairs({ pairs: [[1, 'final']] }),
        weight: 0.5,
      },
    },
    until: fixed({ step: 900 }),
  },
});
