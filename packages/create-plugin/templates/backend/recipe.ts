// A short run on it, on the images that Haste ships: `npm run train`. It is plain JavaScript, so the run is very small.
import { defineRecipe, fashionMnist, heun, sit } from '@hastejs/haste';
import plugin, { templateExport } from 'template-package';

export default defineRecipe({
  name: 'template-id',
  plugins: [plugin],
  backend: templateExport(),
  student: sit({ hiddenSize: 16, depth: 2, numHeads: 2, patchSize: 7 }),
  data: fashionMnist({ source: 'shipped' }),
  steps: 6,
  batchSize: 4,
  sampling: { sampler: heun({ steps: 2 }), perClass: 1 },
});
