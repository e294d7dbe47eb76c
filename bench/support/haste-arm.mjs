// node haste-arm.mjs CASE FOLDER SETTINGS: our side of the bench. {"run": n} a line on stdin is answered by a line of JSON
// with the times of n steps. A step is the run's own: draw the batch, trainStep, read the losses.
import { join } from 'node:path';
import { cloneParams, disposeParams, mapParams, paramsFromHost, readSafetensors, tf } from '@hastejs/tensor';
import { Stepper, computeIn, disposeBatch, readLosses, retire } from '@hastejs/trainer';
import { caseNamed } from './cases.mjs';
import { drawStep } from './draw-step.mjs';
import { Fitting } from './fitting.mjs';
import { openCase, openHost } from './open-case.mjs';
import { quickRng } from './quick-rng.mjs';
import { serve } from './serve.mjs';

/** SETTINGS is JSON: `backend`, `threads`, `device`, `graphs`, and `limit`, a number of rows above which memory is said to be out. */
const [name, folder, settings] = process.argv.slice(2);
await serve(() => open(JSON.parse(settings)));

async function open({ backend: backendName, limit, ...options }) {
  const spec = caseNamed(name);
  const opened = await openHost(backendName, options);
  const { backend } = opened;
  // Fresh weights are thrown away: they may come as quickly as they can.
  const run = await openCase(opened, spec, folder, quickRng());
  const { path, gradientClip, ema, precision } = run.recipe;
  const compute = computeIn(backend, precision);
  const recipe = { student: run.student, optimizer: run.optimizer, path, gradientClip, emaDecay: ema.decay, compute };
  const alignment = spec.phase === 'free' ? null : run.alignment;
  let weights = await loaded(run.weights);
  if (spec.phase === 'free') weights = await letGo(backend, weights, run.alignment);
  const stepper = new Stepper(recipe, backend);
  let index = 0;
  const take = async (batch) => {
    const result = stepper.step(weights, batch, alignment, index);
    weights = result.weights;
    index += 1;
    return readLosses(result, index);
  };
  const fitting = new Fitting(folder, take, backend, limit);

  const { device, version } = await backend.probe();
  return {
    about: `${backend.name} ${version}, ${device}${options.graphs ? ', graphs' : ''}`,
    fit: (rows) => fitting.fit(rows),
    graphs: (on) => {
      tf.backend().torch.graphs = on;
      // What is recorded may hold a graph, and its memory.
      stepper.dispose();
      return { graphs: on };
    },
    ...onDevice(options.device),
    async step() {
      if (fitting.batch) return take(fitting.batch);
      const batch = await drawStep(run, spec);
      const losses = await take(batch);
      disposeBatch(batch);
      return losses;
    },
  };
}

/** What libtorch tells of its device: operator calls by name, and memory where it is not the process's own. */
function onDevice(device) {
  const { torch } = tf.backend();
  if (!torch) return {};
  const counted = {
    async calls(step) {
      torch.addon.profile(true);
      await step();
      return torch.addon.profile(false).reduce((sum, [, calls]) => sum + calls, 0);
    },
  };
  if (device === undefined || device === 'cpu') return counted;
  return { ...counted, peakBytes: () => torch.addon.memory(torch.device)[1] };
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
