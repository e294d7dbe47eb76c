// A short run on the images that Haste ships: `npm run train`.
import { defineRecipe, fashionMnist, fashionMnistTeacher, fixed, heun, pairs, sit } from '@hastejs/haste';
import plugin, { templateExport } from 'template-package';

export default defineRecipe({
  name: 'template-id',
  plugins: [plugin],
  student: sit({ hiddenSize: 48, depth: 3, numHeads: 3, patchSize: 4 }),
  data: fashionMnist({ source: 'shipped' }),
  alignment: {
    teacher: fashionMnistTeacher(),
    terms: {
      // Blocks count from 0; `final` is the teacher's last, normalised output.
      feature: { loss: templateExport(), layers: pairs({ pairs: [[1, 'final']] }), weight: 0.5 },
    },
    until: fixed({ step: 12 }),
  },
  steps: 20,
  batchSize: 8,
  sampling: { sampler: heun({ steps: 4 }), perClass: 1 },
});
