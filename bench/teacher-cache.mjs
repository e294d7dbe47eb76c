// A step of phase I with the teacher's features read from disk, against the same step with the teacher running.
//
// Both trainings share one process and take turns, so that a noisy machine is noisy for both; they start from the same
// weights and see the same batches, and their losses are compared bit for bit.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHost, readRecipe } from '@hastejs/core';
import { builtins, dino, fashionMnist, featureAlignment, attentionAlignment, pairs, sit } from '@hastejs/haste';
import { initParameters, vitParameters, vitSpec } from '@hastejs/models';
import { disposeParams, paramsToHost, rng, writeSafetensors } from '@hastejs/tensor';
import { assemble, assembleAlignment, fillTeacherCaches } from '@hastejs/trainer';
import { madeUp, madeUpPlugin } from './support/made-up.mjs';
import { median, table } from './support/report.mjs';
import { training } from './support/training.mjs';

export const summary = 'a phase I step with the teacher cached against one with it running (backend, storage)';

const CASES = {
  quickstart: { rounds: 40, recipe: quickstart },
  'SiT-S/2, DINOv2-S': { rounds: 8, recipe: withDinoS },
};
/** Backends that repeat steps have recorded theirs by then. */
const WARM_UP = 4;

export async function run([backendId, storage = 'float32']) {
  const host = await createHost({ plugins: [...builtins, madeUpPlugin] });
  const folder = await mkdtemp(join(tmpdir(), 'haste-bench-'));
  try {
    const rows = [];
    for (const [name, { rounds, recipe }] of Object.entries(CASES)) {
      rows.push([name, ...(await measure(host, await recipe(folder), { folder, backendId, storage, rounds }))]);
    }
    const headers = [
      'case',
      'backend',
      'live ms',
      'cached ms',
      'live / cached',
      'MiB',
      'KiB/image',
      'fill images/s',
      'losses',
    ];
    table(`A step of phase I, features kept as ${storage}; medians of interleaved steps`, headers, rows);
  } finally {
    await rm(folder, { recursive: true, force: true });
    await host.close();
  }
}

async function measure(host, input, { folder, backendId, storage, rounds }) {
  const live = host.resolve(input);
  const cached = host.resolve({ ...live, alignment: { ...live.alignment, cache: { dir: folder, storage } } });
  const backend = await host.selectBackend(backendId ?? live.backend);
  const scope = host.openRun(live, folder);
  const parts = await assemble(scope, live);
  const alignment = await assembleAlignment(scope, cached, parts);
  const filling = performance.now();
  const context = { dataset: parts.dataset, batchSize: live.batchSize, compute: (f) => f() };
  const [{ size, images }] = await fillTeacherCaches(alignment, scope.events, context);
  const perSecond = images / ((performance.now() - filling) / 1000);
  const arms = {
    live: training(backend, live, parts, await assembleAlignment(scope, live, parts)),
    cached: training(backend, cached, parts, alignment),
  };
  let same = true;
  for (let round = 0; round < WARM_UP + rounds; round++) {
    // Each is first equally often.
    const names = round % 2 ? ['live', 'cached'] : ['cached', 'live'];
    const losses = {};
    for (const name of names) losses[name] = String(await arms[name].step());
    same &&= losses.live === losses.cached;
  }
  await scope.close();
  const [liveMs, cachedMs] = [arms.live, arms.cached].map(({ times }) => median(times.slice(WARM_UP)));
  return [
    backend.name,
    liveMs.toFixed(1),
    cachedMs.toFixed(1),
    (liveMs / cachedMs).toFixed(2),
    (size / 2 ** 20).toFixed(0),
    (size / images / 1024).toFixed(0),
    perSecond.toFixed(1),
    same ? 'equal' : 'close',
  ];
}

/** On 2,000 of its images: a step costs the same, and filling does not take minutes. */
async function quickstart() {
  const { recipe } = await readRecipe('examples/quickstart/recipe.ts');
  return { ...recipe, data: fashionMnist({ source: 'shipped', split: 'test' }) };
}

/** SiT-S/2 at 256 tokens with a teacher of DINOv2-S's size, made up, and the paper's terms, on a few made-up photos. */
async function withDinoS(folder) {
  const weights = join(folder, 'dinov2-s.safetensors');
  const grid = { height: 37, width: 37 };
  const spec = vitSpec({ hiddenSize: 384, depth: 12, numHeads: 6, patchSize: 14, grid });
  const params = initParameters(vitParameters(spec), rng(1));
  await writeSafetensors(weights, await paramsToHost(params));
  disposeParams(params);
  const maps = [
    [2, 7],
    [3, 9],
    [4, 11],
  ];
  return {
    name: 'dinov2-s',
    student: sit({ hiddenSize: 384, depth: 12, numHeads: 6, patchSize: 2 }),
    data: madeUp({ channels: 3, side: 32, classes: 10, length: 64 }),
    alignment: {
      teacher: dino({ weights }),
      terms: {
        feature: { loss: featureAlignment(), layers: pairs({ pairs: [[4, 'final']] }) },
        attention: { loss: attentionAlignment(), layers: pairs({ pairs: maps }) },
      },
    },
    steps: 100,
    batchSize: 4,
  };
}
