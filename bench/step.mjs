// One training step side by side with PyTorch: the same weights, batch and threads, in turns, in one run.
//
// Our side is the trainer's own step; the peer is bench/peers/pytorch. Nothing is timed before their losses agree over six
// steps. A ratio is the peer's time over ours: 2 is twice as fast.
import { writeFile } from 'node:fs/promises';
import { BenchError } from './support/errors.mjs';
import { machine } from './support/machine.mjs';
import { measureCase } from './support/measure-case.mjs';
import { findPython } from './support/python.mjs';
import { USAGE, parseOptions, planOf } from './support/step-options.mjs';
import { printLeft, printList, printMachine, printRows } from './support/step-report.mjs';

export const summary = 'a training step against PyTorch, side by side (--list, --case, --threads, --backend, …)';

export async function run(args) {
  try {
    const options = understood(args);
    if (options.list) return printList();
    // Ctrl-C reaches the sides as well: they end, and the command with them, once their files are removed.
    process.once('SIGINT', () => undefined);
    const result = await measure(options);
    const { machine, about, rows, left } = result;
    printMachine(machine, about);
    if (rows.length > 0) printRows(rows);
    printLeft(left);
    if (options.json) await writeFile(options.json, JSON.stringify(result, null, 2));
    if (left.length > 0 || rows.some(({ verdict }) => verdict === 'MISSED')) process.exitCode = 1;
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

/** Everything that was asked for, case by case. */
async function measure(options) {
  const { plan, left } = options.plan;
  const python = plan.some(({ spec }) => spec.recipe) ? await findPython() : {};
  if (python.reason) throw new BenchError(python.reason);
  const { backend, rounds, device, graphs } = options;
  const settings = { backend, python: python.command, rounds, device, graphs };
  const result = { machine: machine(), about: [], rows: [], left };
  for (const job of plan) {
    const { rows, left, about } = await measureCase(job, settings, (what) => console.error(`${job.title}: ${what}`));
    result.rows.push(...rows);
    result.left.push(...left);
    result.about = [...new Set([...result.about, ...about])];
  }
  return result;
}

function understood(args) {
  try {
    const options = parseOptions(args);
    return { ...options, plan: planOf(options) };
  } catch (error) {
    throw new BenchError(`${error.message}\n\n${USAGE}`, { cause: error });
  }
}
