// node prepare.mjs CASE FOLDER: writes what both sides of a case begin with: weights, batch, teacher and case.json.
// A process of its own, so that making the files counts for nobody's memory.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { initParameters, vitParameters } from '@hastejs/models';
import { paramsToHost, rng, writeSafetensors } from '@hastejs/tensor';
import { caseNamed } from './cases.mjs';
import { drawStep } from './draw-step.mjs';
import { describeCase } from './describe-case.mjs';
import { openCase, openHost } from './open-case.mjs';
import { quickRng } from './quick-rng.mjs';
import { TEACHER_FILE } from './recipes.mjs';

const [name, folder] = process.argv.slice(2);
const spec = caseNamed(name);
/** What weights are drawn from; undefined: as the recipe says. */
const quick = spec.quickWeights ? quickRng() : undefined;
const opened = await openHost('cpu', {});
if (spec.teacher) await writeTeacher(spec.teacher);
const run = await openCase(opened, spec, folder, quick);
await writeSafetensors(join(folder, 'weights.safetensors'), roughen(await paramsToHost(run.weights.params)));
await writeBatch(run);
await writeFile(join(folder, 'case.json'), JSON.stringify(describeCase(run, spec, folder), null, 2));
process.exit(0);

async function writeTeacher(vit) {
  const fresh = await paramsToHost(initParameters(vitParameters(vit), quick ?? rng(1)));
  const metadata = { 'haste.vit': JSON.stringify({ numHeads: vit.numHeads }) };
  await writeSafetensors(join(folder, TEACHER_FILE), roughen(fresh), metadata);
}

async function writeBatch(run) {
  const { images_BCHW, x0_BCHW, noise_BCHW, t_B, y_B } = await drawStep(run, spec);
  const named = { images: images_BCHW, x0: x0_BCHW, noise: noise_BCHW, t: t_B, y: y_B };
  await writeSafetensors(join(folder, 'batch.safetensors'), await paramsToHost(named));
}

/** Fresh weights hide errors: gates, biases and the last layer are all zero. What is constant gets noise. */
function roughen(tensors) {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => {
      const [first] = tensor.data;
      if (tensor.data.some((value) => value !== first)) return [name, tensor];
      const noise = (quick ?? rng(2)).stream(name).normal(tensor.data.length);
      return [name, { ...tensor, data: noise.map((value) => first + 0.1 * value) }];
    }),
  );
}
