// The paper's claim at laptop size: Fashion-MNIST without alignment, with each term, with both, and with both until let go.
//
// Same seeds, same data order, same everything; samples are judged by a classifier that knows neither student nor teacher.
// Ctrl-C is safe at any time: the same command goes on where it was.
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Progress } from '@hastejs/cli';
import { createHost } from '@hastejs/core';
import { Evaluator, builtins } from '@hastejs/haste';
import { codeVersion } from './effect/identity.mjs';
import { parseOptions } from './effect/options.mjs';
import { makeReport, writeDocs } from './effect/report.mjs';
import { Interrupted, judgeOf, missingScores, scoreRun } from './effect/scores.mjs';
import { planRuns, stateOf, trainRun } from './effect/study.mjs';
import { Work } from './effect/work.mjs';
import { BenchError } from './support/errors.mjs';

export const summary = 'the proof: plain, aligned and let go on Fashion-MNIST, scored by samples (--report-only, …)';

const CLASSIFIER = fileURLToPath(
  new URL('../packages/haste/assets/fashion-mnist-classifier.safetensors', import.meta.url),
);

export async function run(args) {
  const stop = interruptible();
  try {
    const options = parseOptions(args);
    const host = await createHost({ plugins: builtins });
    const runs = planRuns(options, await backendOf(host, options));
    if (!options.reportOnly) await study(host, runs, options, stop.signal);
    const result = await makeReport(
      runs,
      options,
      `npm run bench -- effect ${args.join(' ')}`.replaceAll(OUTPUT, '').trim(),
    );
    if (options.writeDocs) await writeDocs(result, options);
    console.log(`${options.folder}/report.md, report.json and report.svg are written.`);
    await host.close();
  } catch (error) {
    if (error instanceof Interrupted) {
      console.error('interrupted: what is done is kept, and the same command goes on from there');
      process.exitCode = 130;
    } else if (error instanceof BenchError || error.code) {
      console.error(error.message);
      process.exitCode = 1;
    } else {
      throw error;
    }
  } finally {
    stop.dispose();
  }
}

/** They change nothing of the study. */
const OUTPUT = / --(?:report-only|write-docs|place[ =]\S+)/g;

async function study(host, runs, options, signal) {
  await mkdir(options.folder, { recursive: true });
  const code = codeVersion();
  const work = await Work.of(runs, options, new Progress({ err: process.stderr, env: process.env }));
  let judging = null;
  try {
    for (const run of runs) {
      work.begin(run, 'train');
      const done = (await stateOf(run))?.step === run.steps;
      if (!done && !(await trainRun(run, code, { signal, onStep: (step) => work.stepped(step) })))
        throw new Interrupted();
      if ((await missingScores(run, options)).length === 0) continue;
      work.begin(run, 'score');
      judging ??= await judge(host, run, options);
      const keep = [options.stop, options.steps];
      await scoreRun(run, options, judging.how, judging.evaluator, { signal, keep, onImages: (n) => work.drew(n) });
    }
  } finally {
    work.end();
    await judging?.evaluator.close();
  }
}

async function judge(host, { input }, options) {
  const recipe = host.resolve(input);
  const evaluator = await Evaluator.open({ host, recipe, baseDir: process.cwd(), backend: recipe.backend });
  return { evaluator, how: await judgeOf(options, evaluator, CLASSIFIER) };
}

/** The one asked for, or the fastest that this machine has; named in every recipe, so that no run finds another. */
async function backendOf(host, { backend, threads }) {
  const best = async () => (await host.backends()).find(({ report }) => report.available).extension.id;
  const id = backend === undefined ? await best() : `backend/${backend.replace('backend/', '')}`;
  return { kind: 'backend', id, with: threads === undefined ? {} : { threads } };
}

/** The first Ctrl-C finishes the step; a second one ends the process at once, as the system does. */
function interruptible() {
  const controller = new AbortController();
  const heard = () => {
    if (!controller.signal.aborted)
      console.error('\nfinishing what is being done, then saving; Ctrl-C again ends at once');
    controller.abort();
    // npm and the terminal may both pass on the same press.
    setTimeout(dispose, 300).unref();
  };
  const dispose = () => ['SIGINT', 'SIGTERM'].forEach((name) => process.off(name, heard));
  ['SIGINT', 'SIGTERM'].forEach((name) => process.on(name, heard));
  return { signal: controller.signal, dispose };
}
