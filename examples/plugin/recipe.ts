import { atMost, defineRecipe, fashionMnist, pairs, sit } from '@hastejs/haste';
import statistics, { fallen, linearRegression, patchStatistics } from './index.js';

export default defineRecipe({
  name: 'patch-statistics',
  plugins: [statistics],
  student: sit({ hiddenSize: 64, depth: 3, numHeads: 4, patchSize: 4 }),
  data: fashionMnist({ source: 'shipped' }),
  alignment: {
    teacher: patchStatistics({ contrast: 6 }),
    terms: { statistics: { loss: linearRegression(), layers: pairs({ pairs: [[1, 'final']] }), weight: 1 } },
    until: atMost(500, fallen({ metric: 'align/statistics', share: 0.2 })),
  },
  steps: 1000,
  batchSize: 16,
});
