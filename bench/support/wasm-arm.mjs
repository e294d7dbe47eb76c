// One side of bench/wasm.mjs, in a process of its own: trains a recipe on the stock wasm backend, or on ours. A message
// asks for one step; the answer is its time and its loss.
import { createHost, readRecipe } from '@hastejs/core';
import { Loader } from '@hastejs/data';
import { builtins } from '@hastejs/haste';
import { StepClock, clipByGlobalNorm, disposeParams, emaUpdate, omitParams, rng as makeRng, tf } from '@hastejs/tensor';
import {
  assemble,
  assembleAlignment,
  begin,
  disposeBatch,
  drawBatch,
  lossTerms,
  totalLoss,
  trainStep,
} from '@hastejs/trainer';

const [backend, recipePath] = process.argv.slice(2);

const host = await createHost({ plugins: builtins });
const { recipe: input, baseDir } = await readRecipe(recipePath);
const recipe = host.resolve(input);
if (backend === 'haste') await host.selectBackend('backend/wasm');
else {
  await import('@tensorflow/tfjs-backend-wasm');
  await tf.setBackend('wasm');
}
const scope = host.openRun(recipe, baseDir);
const parts = await assemble(scope, recipe);
const { dataset, student, optimizer, trigger } = parts;
const alignment = await assembleAlignment(scope, recipe, parts);
const { path, time, labelDropout, gradientClip } = recipe;
const draws = { image: dataset.spec.image, path, time, labelDropout, classes: student.spec.classes };
const steps = { student, path, optimizer, gradientClip, emaDecay: recipe.ema.decay };
const rng = makeRng(recipe.seed);
const loader = new Loader(dataset, recipe.batchSize, rng);
let { weights } = begin(student, optimizer, alignment, trigger, rng);
let index = 0;

const takeStep = backend === 'haste' ? trainStep : stockStep;

process.on('message', async ({ aligned }) => {
  const images = await loader.next(index);
  const started = performance.now();
  const batch = drawBatch(draws, images, rng, index);
  const result = takeStep(steps, weights, batch, aligned ? alignment : null, index);
  const [loss] = await result.losses_N.data();
  const ms = performance.now() - started;
  result.losses_N.dispose();
  disposeBatch(batch);
  weights = result.weights;
  index++;
  process.send({ ms, loss });
});
process.once('disconnect', () => process.exit(0));
process.send('ready');

/** trainStep, as one writes it with stock TensorFlow.js: variables and tf.variableGrads. */
function stockStep(_, { params, ema, optimizer: state }, batch, session, step) {
  const teachers = session?.encode(batch.images_BCHW);
  const trainable = omitParams(params, student.frozen);
  const variables = Object.fromEntries(
    Object.entries(trainable).map(([name, t]) => [name, tf.variable(t, true, name)]),
  );
  const { value, grads } = tf.variableGrads(() => {
    const terms = lossTerms(student, path, { ...params, ...variables }, batch, session && { session, teachers });
    return totalLoss(terms, session);
  }, Object.values(variables));
  for (const taps of teachers?.values() ?? []) {
    tf.dispose([...taps.tokens.values(), ...[...taps.attention.values()].flatMap((qk) => Object.values(qk))]);
  }
  const reached = Object.fromEntries(Object.entries(grads).filter(([, grad]) => grad !== null));
  const clipped = clipByGlobalNorm(reached, gradientClip);
  for (const variable of Object.values(variables)) variable.dispose();
  const clock = new StepClock(step);
  const next = optimizer.update({ params, grads: clipped.grads, state, clock });
  clock.dispose();
  disposeParams(clipped.grads);
  clipped.norm.dispose();
  const average = emaUpdate(ema, next.params, recipe.ema.decay);
  return { weights: { params: next.params, ema: average, optimizer: next.state }, losses_N: tf.reshape(value, [1]) };
}
