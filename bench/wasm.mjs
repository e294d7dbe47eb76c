// Our wasm backend against the stock one, on the quickstart's own steps (with and without alignment): at least 4 times.
//
// The same recipe, seed and model code run in two processes, since both backends go by one name; they take turns, so that
// a noisy machine is noisy for both. Stock is @tensorflow/tfjs-backend-wasm as published with tf.variableGrads: our ops
// run as compositions of its kernels there. The losses are compared: it is the same mathematics.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { median, table } from './support/report.mjs';

export const summary = "our wasm backend against the stock one, on the quickstart's steps (recipe, rounds)";

const TARGET = 4;
const WARM_UP = 3;

export async function run([recipe = 'examples/quickstart/recipe.ts', rounds = '9']) {
  const arms = { stock: await startArm('stock', recipe), haste: await startArm('haste', recipe) };
  const rows = [];
  for (const aligned of [true, false]) {
    for (let i = 0; i < WARM_UP; i++) await turn(arms, aligned);
    const times = { stock: [], haste: [] };
    for (let i = 0; i < Number(rounds); i++) {
      const results = await turn(arms, aligned);
      for (const name of Object.keys(arms)) times[name].push(results[name].ms);
    }
    rows.push([aligned ? 'aligning' : 'free', median(times.stock), median(times.haste)]);
  }
  for (const arm of Object.values(arms)) arm.process.disconnect();
  report(rows, rounds);
}

function report(rows, rounds) {
  const cells = rows.map(([phase, stock, haste]) => [
    phase,
    stock.toFixed(0),
    haste.toFixed(0),
    `${(stock / haste).toFixed(1)}×`,
  ]);
  table(`Step times, median of ${rounds} interleaved steps`, ['step', 'stock ms', 'haste ms', 'ratio'], cells);
  const worst = Math.min(...rows.map(([, stock, haste]) => stock / haste));
  const met = worst >= TARGET;
  console.log(`At least ${TARGET} times the stock backend: ${met ? 'met' : 'MISSED'}.`);
  if (!met) process.exitCode = 1;
}

/** One step of each arm. Same parameters, batch and draws: the losses agree up to rounding. */
async function turn(arms, aligned) {
  const results = {};
  for (const [name, arm] of Object.entries(arms)) results[name] = await arm.step(aligned);
  const { stock, haste } = results;
  if (!(Math.abs(stock.loss - haste.loss) <= 2e-3 * Math.abs(stock.loss))) {
    throw new Error(`The arms do not compute the same: losses ${stock.loss} and ${haste.loss}.`);
  }
  return results;
}

async function startArm(backend, recipe) {
  const child = fork(fileURLToPath(new URL('./support/wasm-arm.mjs', import.meta.url)), [backend, recipe]);
  child.once('exit', (code) => {
    if (code) process.exit(code);
  });
  await once(child, 'message');
  return {
    process: child,
    async step(aligned) {
      child.send({ aligned });
      const [result] = await once(child, 'message');
      return result;
    },
  };
}
