// A short run on the images that Haste ships: `npm run train` trains, then draws samples.png with this sampler.
import { defineRecipe, fashionMnist, sit } from '@hastejs/haste';
import plugin, { templateExport } from 'template-package';

export default defineRecipe({
  name: 'template-id',
  plugins: [plugin],
  student: sit({ hiddenSize: 48, depth: 3, numHeads: 3, patchSize: 4 }),
  data: fashionMnist({ source: 'shipped' }),
  steps: 20,
  batchSize: 8,
  sampling: { sampler: templateExport({ steps: 6 }), guidance: { scale: 1.5 }, perClass: 1 },
});
