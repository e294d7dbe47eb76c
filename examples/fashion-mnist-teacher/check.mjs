// Looks at a teacher as a run would: loads the weights through teacher/dino, and finds the k nearest neighbours of test
// images among training images by the mean of their final patch tokens.
//
//   node examples/fashion-mnist-teacher/check.mjs [weights] [bank] [test]
import { createHost } from '@hastejs/core';
import { builtins, dino, fashionMnist, sit } from '@hastejs/haste';
import { Services } from '@hastejs/plugin-api';
import { rng as makeRng, tf } from '@hastejs/tensor';
import { knnAccuracy } from './knn.mjs';

const [weights = 'haste:fashion-mnist-teacher', bankSize = '2000', testSize = '500'] = process.argv.slice(2);
const FINAL = { tokens: ['final'], attention: [] };

const host = await createHost({ plugins: builtins });
await host.selectBackend();
const student = sit({ hiddenSize: 16, depth: 1, numHeads: 2, patchSize: 4 });
const recipe = host.resolve({ name: 'check', student, data: fashionMnist({ source: 'shipped' }), steps: 1 });
const run = host.openRun(recipe, process.cwd());
const train = await run.create(recipe.data);
const test = await run.create(fashionMnist({ source: 'shipped', split: 'test' }));
run.provide(Services.data, train.spec);
run.provide(Services.student, (await run.create(recipe.student)).spec);
const teacher = await run.create(dino({ weights }));

const accuracy = knnAccuracy(await embed(train, Number(bankSize)), await embed(test, Number(testSize)));
process.stdout.write(`${JSON.stringify({ teacher: teacher.spec.name, knnMeanPatchToken: accuracy })}\n`);
await run.close();
await host.close();

async function embed(dataset, count) {
  const [rows, labels] = [[], []];
  for (let from = 0; from < count; from += 250) {
    const indices = Int32Array.from({ length: Math.min(250, count - from) }, (_, i) => from + i);
    const { images_BCHW, labels_B } = await dataset.read(indices, makeRng(0));
    const means = tf.tidy(() => {
      const x_BCHW = tf.tensor4d(Float32Array.from(images_BCHW), [indices.length, 1, 28, 28]);
      return tf.mean(teacher.encode(x_BCHW, FINAL).tokens.get('final'), 1).dataSync();
    });
    const width = teacher.spec.width;
    labels_B.forEach((_, i) => rows.push(means.slice(i * width, (i + 1) * width)));
    labels.push(...labels_B);
  }
  return { rows, labels };
}
