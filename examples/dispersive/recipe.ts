// Dispersive loss (arXiv 2506.09027) on the quickstart: the student's own representations are spread over the batch. No
// teacher is named, and none is loaded. The paper takes the first quarter of the depth, and never lets go.
import { blocks, defineRecipe, dispersive } from '@hastejs/haste';
import quickstart from '../quickstart/recipe.js';

export default defineRecipe({
  ...quickstart,
  name: 'dispersive',
  alignment: {
    terms: {
      disperse: { loss: dispersive({ temperature: 0.5 }), layers: blocks({ depths: [0.25] }), weight: 0.5 },
    },
  },
});
