const { default: acme, edges, huber, patient } = require('@acme/haste-edges');
const { defineRecipe, euler, fashionMnist, pairs, sit, wasm } = require('@hastejs/haste');

module.exports = defineRecipe({
  name: 'acme',
  plugins: [acme],
  steps: 4,
  batchSize: 4,
  student: sit({ hiddenSize: 16, depth: 2, numHeads: 2, patchSize: 7 }),
  data: fashionMnist({ source: 'shipped' }),
  alignment: {
    teacher: edges({ gain: 2 }),
    until: patient({ term: 'edges', steps: 2 }),
    terms: { edges: { loss: huber(), layers: pairs({ pairs: [[0, 'final']] }) } },
  },
  backend: wasm({ threads: 1 }),
  sampling: { sampler: euler({ steps: 2 }), perClass: 1 },
});
