// A CommonJS program: our packages are ES modules, and Node's require takes them.
const { default: acme, edges, huber, patient } = require('@acme/haste-edges');
const { builtins, createHost, defineRecipe, euler, fashionMnist, pairs, sit, train, wasm } = require('@hastejs/haste');

const recipe = defineRecipe({
  name: 'acme',
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

async function main() {
  const host = await createHost({ plugins: [...builtins, acme] });
  const report = await train({ host, recipe: host.resolve(recipe), baseDir: __dirname, folder: 'runs/program' });
  console.log(`${report.status} ${report.step}`);
  await host.close();
}

main();
