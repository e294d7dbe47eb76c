// Relations between tokens beside features, on the quickstart: what is alike for the teacher shall be alike for the student
// (the structural term of SARA, arXiv 2503.08253). docs/alignment-losses.md has the formula.
import { defineRecipe, fashionMnistTeacher, featureAlignment, fixed, pairs, relationAlignment } from '@hastejs/haste';
import quickstart from '../quickstart/recipe.js';

const layers = pairs({ pairs: [[1, 'final']] });

export default defineRecipe({
  ...quickstart,
  name: 'relation',
  alignment: {
    teacher: fashionMnistTeacher(),
    terms: {
      feature: { loss: featureAlignment({ hidden: 256 }), layers, weight: 0.5 },
      relation: { loss: relationAlignment(), layers, weight: 0.5 },
    },
    until: fixed({ step: 900 }),
  },
});
