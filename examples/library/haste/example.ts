import {
  createHost,
  builtins,
  defineRecipe,
  fashionMnist,
  featureAlignment,
  fixed,
  pairs,
  selfTeacher,
  sit,
  train,
} from '@hastejs/haste';

const feature = { loss: featureAlignment({ hidden: 32 }), layers: pairs({ pairs: [[0, 1]] }) };
const recipe = defineRecipe({
  name: 'small',
  steps: 6,
  batchSize: 8,
  student: sit({ hiddenSize: 32, depth: 2, numHeads: 2, patchSize: 7 }),
  data: fashionMnist({ split: 'test', source: 'shipped' }),
  alignment: { teacher: selfTeacher(), terms: { feature }, until: fixed({ step: 4 }) },
});
// What `haste train` does, without the command line.
const host = await createHost({ plugins: builtins });
const { status, phaseChange, losses } = await train({
  host,
  recipe: host.resolve(recipe),
  baseDir: '.',
  folder: './run',
});
console.log(status, phaseChange, Object.keys(losses));
await host.close();
