// A short run on the images that Haste ships: `npm run train`, then look at runs/template-id/metrics.csv.
import { defineRecipe, fashionMnist, heun, sit } from '@hastejs/haste';
import plugin, { templateExport } from 'template-package';

export default defineRecipe({
  name: 'template-id',
  plugins: [plugin],
  student: sit({ hiddenSize: 48, depth: 3, numHeads: 3, patchSize: 4 }),
  data: fashionMnist({ source: 'shipped' }),
  loggers: [templateExport()],
  steps: 20,
  batchSize: 8,
  sampling: { sampler: heun({ steps: 4 }), perClass: 1 },
});
