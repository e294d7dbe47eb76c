// node haste-arm.mjs CASE FOLDER BACKEND THREADS: our side of the bench. {"run": n} a line on stdin is answered by a line of
// JSON with the times of n steps. A step is the run's own: draw the batch, trainStep, read the losses.
import { join } from 'node:path';
import { cloneParams, disposeParams, mapParams, paramsFromHost, readSafetensors } from '@hastejs/tensor';
import { Stepper, computeIn, disposeBatch, readLosses, retire } from '@hastejs/trainer';
import { caseNamed } from './cases.mjs';
import { drawStep } from './draw-step.mjs';
import { openCase, openHost } from './open-case.mjs';
import { serve } from './serve.mjs';

const [name, folder, backendName, threads] = process.argv.slice(2);
await serve(open);

async function open() {
  const spec = caseNamed(name);
  const opened = await openHost(backendName, Number(threads));
  const { backend } = opened;
  const run = await openCase(opened, spec, folder);
  const { path, gradientClip, ema, precision } = run.recipe;
  const compute = computeIn(backend, precision);
  const recipe = { student: run.student, optimizer: run.optimizer, path, gradientClip, emaDecay: ema.decay, compute };
  const alignment = spec.phase === 'free' ? null : run.alignment;
  let weights = await loaded(run.weights);
  if (spec.phase === 'free') weights = await letGo(backend, weights, run.alignment);
  const stepper = new Stepper(recipe, backend);
  let index = 0;

  const { device, version } = await backend.probe();
  return {
    about: `${backend.name} ${version}, ${device}`,
    async step() {
      const batch = await drawStep(run, spec);
      const result = stepper.step(weights, batch, alignment, index);
      weights = result.weights;
      index += 1;
      const losses = await readLosses(result, index);
      disposeBatch(batch);
      return losses;
    },
  };
}

/** The case's weights in the place of the fresh ones. */
async function loaded({ params, ema, optimizer }) {
  const { tensors } = await readSafetensors(join(folder, 'weights.safetensors'));
  const given = paramsFromHost(Object.fromEntries(tensors));
  const averaged = cloneParams(mapParams(ema, (_, each) => given[each]));
  disposeParams(params);
  disposeParams(ema);
  return { params: given, ema: averaged, optimizer };
}

/** What a run does when its trigger fires. */
async function letGo(backend, weights, alignment) {
  await alignment.close();
  const left = retire(weights, alignment);
  backend.trim?.();
  return left;
}
