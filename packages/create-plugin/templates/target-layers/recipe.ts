// A short run on the images that Haste ships: `npm run train`.
import { attentionAlignment, defineRecipe, fashionMnist, fashionMnistTeacher, fixed, heun, sit } from '@hastejs/haste';
import plugin, { templateExport } from 'template-package';

export default defineRecipe({
  name: 'template-id',
  plugins: [plugin],
  student: sit({ hiddenSize: 48, depth: 4, numHeads: 4, patchSize: 4 }),
  data: fashionMnist({ source: 'shipped' }),
  alignment: {
    teacher: fashionMnistTeacher(),
    terms: {
      attention: { loss: attentionAlignment(), layers: templateExport({ count: 2 }), weight: 0.5 },
    },
    until: fixed({ step: 12 }),
  },
  steps: 20,
  batchSize: 8,
  sampling: { sampler: heun({ steps: 4 }), perClass: 1 },
});
