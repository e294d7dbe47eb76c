// A training that must hold as much at its end as near its beginning.
import { tf } from '@hastejs/tensor';
import { Stepper, computeIn, disposeBatch, readLosses } from '@hastejs/trainer';
import { drawStep } from '../draw-step.mjs';
import { openCase } from '../open-case.mjs';
import { tiny } from '../recipes.mjs';

/** Steps until everything is recorded, repeated and cached. */
const SETTLED = 20;

/** @param opened of openHost. @returns {Promise<{ ok: boolean, detail: string }>} */
export async function leak(opened, steps) {
  const { torch } = tf.backend();
  const spec = { recipe: () => ({ ...tiny(), precision: 'bf16' }) };
  const run = await openCase(opened, spec, process.cwd());
  const { path, gradientClip, ema, precision } = run.recipe;
  const compute = computeIn(opened.backend, precision);
  const recipe = { student: run.student, optimizer: run.optimizer, path, gradientClip, emaDecay: ema.decay, compute };
  const stepper = new Stepper(recipe, opened.backend);
  let { weights } = run;
  let repeated = 0;
  const held = [];
  for (let step = 0; step < steps; step++) {
    const batch = await drawStep(run, spec);
    const result = stepper.step(weights, batch, null, step);
    weights = result.weights;
    repeated += stepper.notRepeated === null ? 1 : 0;
    await readLosses(result, step + 1);
    disposeBatch(batch);
    if (step === SETTLED || step === steps - 1) held.push([torch.addon.alive(), torch.addon.memory(torch.device)[0]]);
  }
  stepper.dispose();
  const [first, last] = held;
  const ok = first[0] === last[0] && first[1] === last[1];
  const detail = `${last[0]} handles and ${last[1]} bytes, ${first[0]} and ${first[1]} at step ${SETTLED}; ${repeated} of ${steps} steps repeated`;
  return { ok, detail };
}
