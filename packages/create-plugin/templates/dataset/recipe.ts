// A short run on it: `npm run train`, then look at runs/template-id/samples.png.
import { defineRecipe, heun, sit } from '@hastejs/haste';
import plugin, { templateExport } from 'template-package';

export default defineRecipe({
  name: 'template-id',
  plugins: [plugin],
  student: sit({ hiddenSize: 48, depth: 3, numHeads: 3, patchSize: 4 }),
  data: templateExport({ length: 300, mirror: true }),
  steps: 20,
  batchSize: 8,
  sampling: { sampler: heun({ steps: 4 }), perClass: 2 },
});
