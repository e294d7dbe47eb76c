// Which runs there are, and how far they are. A run that is whole is not trained again, one that was cut goes on.
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../support/errors.mjs';
import { nameOf } from './identity.mjs';
import { readJson, readRecord } from './record.mjs';
import { recipeOf, scoredSteps } from './setting.mjs';

const CHILD = join(import.meta.dirname, 'child.mjs');

/** All runs, seed by seed, so that a study that is cut short is balanced. */
export function planRuns(options, backend) {
  return options.seeds.flatMap((seed) =>
    options.arms.map((arm) => {
      const folder = folderOf(options, arm, seed);
      const forked = arm === 'both+stop';
      return {
        arm,
        seed,
        folder,
        input: recipeOf(arm, seed, options, backend),
        from: forked ? checkpointOf(folderOf(options, 'both', seed), options.stop) : null,
        begins: forked ? options.stop : 0,
        steps: options.steps,
        // What was before the fork is scored as the run's that it comes from.
        scored: scoredSteps(options.steps, options.scores).filter((step) => !forked || step > options.stop),
      };
    }),
  );
}

const folderOf = ({ folder }, arm, seed) => join(folder, `${arm.replace('+', '-')}-seed-${seed}`);
export const checkpointOf = (folder, step) => join(folder, 'checkpoints', `step-${String(step).padStart(8, '0')}`);

/** @returns {{ step: number, record: object } | null} what a folder holds of a run; null for nothing */
export async function stateOf({ folder, begins }) {
  const record = await readRecord(folder);
  if (!record) return null;
  const report = await readJson(join(folder, 'report.json'));
  return { step: report?.step ?? begins, record };
}

/**
 * Trains a run to its end in a process of its own.
 * @returns whether it got there; it did not when it was interrupted
 */
export async function trainRun(run, code, { signal, onStep }) {
  const { arm, seed, input, folder, from } = run;
  if (from && !existsSync(from)) {
    throw new BenchError(`${nameOf(run)} begins from ${from}, which is gone. Remove ${folder} and that run's folder.`);
  }
  const task = JSON.stringify({ arm, seed, input, folder, from, code });
  const child = fork(CHILD, [task], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const interrupt = () => child.kill('SIGINT');
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    const answer = await new Promise((resolve) => {
      let last = { failed: 'its process ended without a word' };
      child.on('message', (message) => {
        if (message.step === undefined) last = message;
        else onStep(message.step);
      });
      child.on('close', () => resolve(last));
    });
    if (answer.failed !== undefined) throw new BenchError(`${nameOf(run)}: ${answer.failed}`);
    return answer.done.status === 'finished';
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}
