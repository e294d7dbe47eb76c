// A short run on the images that Haste ships: `npm run train`.
import { defineRecipe, fashionMnist, heun, sit } from '@hastejs/haste';
import plugin, { templateExport } from 'template-package';

export default defineRecipe({
  name: 'template-id',
  plugins: [plugin],
  student: sit({ hiddenSize: 48, depth: 3, numHeads: 3, patchSize: 4 }),
  data: fashionMnist({ source: 'shipped' }),
  optimizer: templateExport({ lr: 3e-4, warmup: 5 }),
  steps: 20,
  batchSize: 8,
  sampling: { sampler: heun({ steps: 4 }), perClass: 1 },
});
