// The protocol of a side that is a Node process: a line of JSON for a line of JSON, until stdin ends.
import { createInterface } from 'node:readline';

/**
 * @typedef {object} Side
 * @property {string} about
 * @property {string[]} [notes]
 * @property {() => Promise<Record<string, number>>} step its losses.
 * @property {(rows: number) => Promise<{ fits: boolean }>} [fit]
 * @property {(step: Function) => Promise<number>} [calls] operator calls of a step.
 * @property {(on: boolean) => object} [graphs] whether repeated steps are one graph from here on.
 * @property {() => number} [peakBytes] of a device; else the process's own peak counts.
 */

/**
 * Opens a side and answers requests. {"run": n}: the times (ms) and losses of n steps and the peak of memory. {"fit": rows}:
 * whether a batch of that size does, which is then the batch. {"calls": true}: the operator calls of a step. {"graphs": on}. What it throws
 * becomes an answer with `error`, and the end.
 * @param {() => Promise<Side>} open
 */
export async function serve(open) {
  try {
    const side = await open();
    answer({ about: side.about, notes: side.notes ?? [] });
    for await (const line of createInterface({ input: process.stdin })) answer(await reply(side, JSON.parse(line)));
  } catch (error) {
    answer({ error: error.message, code: error.code });
  }
  process.exit(0);
}

async function reply(side, { run: steps, fit, calls, graphs }) {
  if (fit !== undefined) return side.fit(fit);
  if (calls) return { calls: await side.calls(() => side.step()) };
  if (graphs !== undefined) return side.graphs(graphs);
  return run(side, steps);
}

async function run(side, steps) {
  const [ms, losses] = [[], []];
  for (let i = 0; i < steps; i++) {
    const started = performance.now();
    losses.push(await side.step());
    ms.push(performance.now() - started);
  }
  // maxRSS is in KiB.
  return { ms, losses, peakBytes: side.peakBytes?.() ?? process.resourceUsage().maxRSS * 1024 };
}

function answer(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
