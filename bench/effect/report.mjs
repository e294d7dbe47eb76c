// Reads a study's folder, refuses what cannot be compared, and writes report.json, report.md and report.svg into it.
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { BenchError } from '../support/errors.mjs';
import { machine } from '../support/machine.mjs';
import { nameOf, refuseDifferent, refuseMixed } from './identity.mjs';
import { markdownOf } from './markdown.mjs';
import { plotOf } from './plot.mjs';
import { readJson, readRecord, writeJson } from './record.mjs';
import { readScores } from './scores.mjs';
import { summarise } from './summary.mjs';

const DOCS = join(import.meta.dirname, '../../docs');

/** @returns the report's result. @throws BenchError for runs that are not whole, or differ in anything but the arm */
export async function makeReport(runs, options, command) {
  const whole = [];
  for (const run of runs) whole.push(await readWhole(run, options));
  refuseMixed(whole.map(({ record }) => record));
  for (const { record, how } of whole) refuseDifferent(whole[0].record, record, whole[0].how, how, 'scoring');
  const { was } = whole[0].record;
  const { hiddenSize, depth, patchSize } = was.recipe.student.with;
  const result = {
    command,
    machine: await machineOf(options.folder),
    options,
    backend: was.backend,
    code: was.code,
    scoring: whole[0].how,
    about: {
      batchSize: was.recipe.batchSize,
      images: whole[0].images,
      student: `SiT of width ${hiddenSize}, depth ${depth}, patch ${patchSize}`,
    },
    summary: summarise(
      whole.map((run) => withTrunk(run, whole)),
      options.steps,
    ),
  };
  await writeJson(join(options.folder, 'report.json'), result);
  await writeFile(join(options.folder, 'report.md'), markdownOf(result, 'report.svg'));
  await writeFile(join(options.folder, 'report.svg'), plotOf(result.summary.rows));
  return result;
}

/** Puts the result between two marks of docs/results.md, and the plot among its images: `place` is what both are called. */
export async function writeDocs(result, { folder, place }, docs = DOCS) {
  const path = join(docs, 'results.md');
  const [begin, end] = [`<!-- ${place}: begin -->`, `<!-- ${place}: end -->`];
  const page = await readFile(path, 'utf8');
  const [from, to] = [page.indexOf(begin) + begin.length, page.indexOf(end)];
  if (from < begin.length || to < from) {
    throw new BenchError(`${path} has no place for the result: ${begin} … ${end}`);
  }
  const text = markdownOf(result, `images/${place}.svg`).trimEnd();
  await writeFile(path, `${page.slice(0, from)}\n\n${text}\n\n${page.slice(to)}`);
  await copyFile(join(folder, 'report.svg'), join(docs, `images/${place}.svg`));
}

/** The machine that trained: the report may be made again elsewhere. */
async function machineOf(folder) {
  const path = join(folder, 'machine.json');
  const known = await readJson(path);
  if (known) return known;
  const now = machine();
  await writeJson(path, now);
  return now;
}

async function readWhole(run, { steps }) {
  const [record, scores, report, origin] = await Promise.all([
    readRecord(run.folder),
    readScores(run.folder),
    ...['report.json', 'origin.json'].map((name) => readJson(join(run.folder, name))),
  ]);
  const missing = run.scored.filter((step) => !scores?.along[step]);
  if (!record || report?.step !== steps || missing.length > 0 || !scores.final) {
    throw new BenchError(`${nameOf(run)} is not whole yet: run the same command without --report-only.`);
  }
  if (record.arm !== run.arm || record.seed !== run.seed) {
    throw new BenchError(`${run.folder} says that it is ${nameOf(record)}, not ${nameOf(run)}.`);
  }
  const { stepSeconds, forkedFrom } = report;
  refuseOtherTrunk(run, forkedFrom);
  const along = run.scored.map((step) => [step, scores.along[step]]);
  return {
    arm: run.arm,
    seed: run.seed,
    // A recipe says `auto` where the images are; what they were, the run's origin says.
    record: { ...record, was: { ...record.was, data: origin.data.fingerprint } },
    images: origin.data.length,
    how: scores.how,
    along,
    final: scores.final,
    stepSeconds,
    forkedFrom,
    sessions: record.sessions,
  };
}

/** A fork shares its first steps with the run of its own study and seed, or with none. By name: folders may be moved. */
function refuseOtherTrunk(run, forkedFrom) {
  const nameOfCheckpoint = (path) => path?.split(sep).slice(-3).join('/');
  const [wanted, found] = [nameOfCheckpoint(run.from ?? undefined), nameOfCheckpoint(forkedFrom?.path)];
  if (wanted === found) return;
  throw new BenchError(
    `${nameOf(run)} begins from ${found ?? 'nothing'}, and should begin from ${wanted ?? 'nothing'}.`,
  );
}

/** A forked run's curve begins with that of the run that it shares its first steps with. */
function withTrunk(run, all) {
  if (!run.forkedFrom) return run;
  const trunk = all.find(({ arm, seed }) => arm === 'both' && seed === run.seed);
  return { ...run, along: [...trunk.along.filter(([step]) => step <= run.forkedFrom.step), ...run.along] };
}
