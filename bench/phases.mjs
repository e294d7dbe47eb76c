// A step of phase II against a step of plain SiT training of the same student (at most 1.03), and phase I beside them.
//
// Three trainings share one process and one student and take turns, so that a noisy machine is noisy for all: plain (never
// aligned), let go (aligned for a while, then closed and retired, as a run does it), and aligned.
import { createHost, readRecipe } from '@hastejs/core';
import { builtins } from '@hastejs/haste';
import { assemble, assembleAlignment } from '@hastejs/trainer';
import { median, table } from './support/report.mjs';
import { training } from './support/training.mjs';

export const summary = 'a step after letting go against plain SiT training, and phase I beside them (recipe, backend)';

const WARM_UP = 3;
const ROUNDS = 40;

export async function run([recipePath = 'examples/quickstart/recipe.ts', backendId]) {
  const host = await createHost({ plugins: builtins });
  const { recipe: input, baseDir } = await readRecipe(recipePath);
  const recipe = host.resolve(input);
  const backend = await host.selectBackend(backendId ?? recipe.backend);
  const scope = host.openRun(recipe, baseDir);
  const parts = await assemble(scope, recipe);
  const arms = {
    plain: training(backend, recipe, parts, null),
    'let go': training(backend, recipe, parts, await assembleAlignment(scope, recipe, parts)),
    aligned: training(backend, recipe, parts, await assembleAlignment(scope, recipe, parts)),
  };
  for (let i = 0; i < WARM_UP; i++) for (const each of Object.values(arms)) await each.step();
  const held = await arms['let go'].letGo();
  for (let i = 0; i < ROUNDS; i++) {
    // Each arm is first, second and third equally often.
    const order = Object.values(arms);
    for (let j = 0; j < order.length; j++) await order[(i + j) % order.length].step();
  }
  report(backend.name, arms, held);
  await host.close();
}

function report(backend, arms, held) {
  const plain = median(arms.plain.times.slice(-ROUNDS));
  const rows = Object.entries(arms).map(([name, { times }]) => {
    const ms = median(times.slice(-ROUNDS));
    return [name, ms.toFixed(1), (ms / plain).toFixed(3)];
  });
  table(`Step times on ${backend}, median of ${ROUNDS} interleaved steps`, ['training', 'ms', 'times plain'], rows);
  console.log(`Letting go gave back ${(held / 2 ** 20).toFixed(1)} MiB.`);
  const ratio = median(arms['let go'].times.slice(-ROUNDS)) / plain;
  console.log(
    `Phase II costs ${ratio.toFixed(3)} of plain training (at most 1.03): ${ratio <= 1.03 ? 'met' : 'MISSED'}.`,
  );
}
