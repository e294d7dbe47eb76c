// One training step side by side with PyTorch: the same weights, batch and threads, in turns, in one run.
//
// Our side is the trainer's own step; the peer is bench/peers/pytorch. Nothing is timed before their losses agree over six
// steps. A ratio is the peer's time over ours: 2 is twice as fast.
import { writeFile } from 'node:fs/promises';
import { machine } from './support/machine.mjs';
import { measureCase } from './support/measure-case.mjs';
import { findPython } from './support/python.mjs';
import { USAGE, parseOptions, planOf } from './support/step-options.mjs';
import { printLeft, printList, printMachine, printRows } from './support/step-report.mjs';

export const summary = 'a training step against PyTorch, side by side (--list, --case, --threads, --backend, …)';

export async function run(args) {
  const options = readOptions(args);
  if (!options) return;
  if (options.list) return printList();
  const host = machine();
  const { plan, left } = planOf(options);
  const python = plan.some(({ spec }) => spec.recipe) ? await findPython() : {};
  if (python.reason) return fail(python.reason);
  const settings = { backend: options.backend, python: python.command, rounds: options.rounds };
  const rows = [];
  const about = {};
  for (const each of plan) {
    const say = (what) => process.stderr.write(`${each.name}, ${each.threads} threads: ${what}\n`);
    const result = await measureCase(each, settings, say);
    rows.push(...result.rows);
    left.push(...result.left);
    Object.assign(about, result.about);
  }
  printMachine(host, about);
  if (rows.length > 0) printRows(rows);
  printLeft(left);
  if (options.json) await writeFile(options.json, JSON.stringify({ machine: host, about, rows, left }, null, 2));
  if (left.length > 0 || rows.some(({ verdict }) => verdict === 'MISSED')) process.exitCode = 1;
}

function readOptions(args) {
  try {
    const options = parseOptions(args);
    planOf(options);
    return options;
  } catch (error) {
    return fail(`${error.message}\n\n${USAGE}`, 2);
  }
}

function fail(message, code = 1) {
  console.error(message);
  process.exitCode = code;
}
