// node haste-arm.mjs CASE FOLDER BACKEND THREADS: our side of the bench. {"run": n} a line on stdin is answered by a line of
// JSON with the times of n steps. A step is the run's own: draw the batch, trainStep, read the losses.
import { join } from 'node:path';
import { Loader } from '@hastejs/data';
import { cloneParams, disposeParams, mapParams, paramsFromHost, readSafetensors } from '@hastejs/tensor';
import { computeIn, disposeBatch, readLosses, retire, trainStep } from '@hastejs/trainer';
import { serve } from './serve.mjs';
import { caseNamed } from './cases.mjs';
import { drawStep } from './draw-step.mjs';
import { openCase, openHost } from './open-case.mjs';

const [name, folder, backendName, threads] = process.argv.slice(2);
const spec = caseNamed(name);

await serve(async () => {
  const opened = await openHost(backendName, Number(threads));
  const { backend } = opened;
  const run = await openCase(opened, spec, folder);
  const { recipe, dataset, student, optimizer, rng } = run;
  const compute = computeIn(backend, recipe.precision);
  const steps = {
    student,
    path: recipe.path,
    optimizer,
    gradientClip: recipe.gradientClip,
    emaDecay: recipe.ema.decay,
    compute,
  };
  const loader = new Loader(dataset, recipe.batchSize, rng);
  let { weights, alignment } = await begun(run);
  if (spec.phase === 'free') ({ weights, alignment } = await letGo(backend, weights, alignment));
  let index = 0;

  const { device, version } = await backend.probe();
  return {
    about: `${backend.name} ${version}, ${device}`,
    async step() {
      const batch = await drawStep({ recipe, dataset, student, rng, loader }, spec);
      const result = trainStep(steps, weights, batch, alignment, index);
      weights = result.weights;
      index += 1;
      const losses = await readLosses(result, index);
      disposeBatch(batch);
      return losses;
    },
  };
});

/** The case's weights in the place of the fresh ones. */
async function begun({ weights, alignment }) {
  const { tensors } = await readSafetensors(join(folder, 'weights.safetensors'));
  const loaded = paramsFromHost(Object.fromEntries(tensors));
  const params = mapParams(weights.params, (fresh, each) => (fresh.dispose(), loaded[each]));
  const averaged = Object.fromEntries(Object.keys(weights.ema).map((each) => [each, loaded[each]]));
  disposeParams(weights.ema);
  return { weights: { ...weights, params, ema: cloneParams(averaged) }, alignment };
}

/** What a run does when its trigger fires. */
async function letGo(backend, weights, alignment) {
  await alignment.close();
  const left = retire(weights, alignment);
  backend.trim?.();
  return { weights: left, alignment: null };
}
