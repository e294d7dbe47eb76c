import type { Host, Recipe, RunEvents } from '@hastejs/core';
import { HasteError, type JsonObject } from '@hastejs/plugin-api';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { differences } from '../checkpoint/compare.js';
import { listCheckpoints } from '../checkpoint/choose.js';
import type { RunReport } from '../report.js';
import { writeJson } from '../run-folder.js';
import type { TrainOptions } from '../train-options.js';
import { train } from '../train.js';
import { type Arm, type Stop, type SweepPlan, planSweep } from './plan.js';
import { type SweepReport, tabulate } from './tabulate.js';

export interface SweepOptions extends Pick<TrainOptions, 'backend' | 'baseDir' | 'recipeFile' | 'signal'> {
  readonly host: Host;
  /** Resolved. Its own end of phase I is replaced by each of the stops. */
  readonly recipe: Recipe;
  readonly stops: readonly Stop[];
  /** Every run is a folder in it. */
  readonly folder: string;
  /** Called before each run that is still to be trained, or to be trained on. */
  readonly listen?: (arm: Arm, events: RunEvents) => void;
}

/**
 * Runs a study of stopping points. What the arms share is trained once; an arm is a fork of it, and so equals, bit for bit,
 * a run that had its trigger from the start. A study that was interrupted goes on where it was: runs that are whole are
 * not trained again. `sweep.json` is written after every run.
 * @throws HasteError USAGE for stops that are none, and whatever `train` throws.
 */
export async function sweep(options: SweepOptions): Promise<SweepReport> {
  const plan = planSweep(options.recipe, options.stops, options.folder);
  await mkdir(options.folder, { recursive: true });
  const reports = new Map<Arm, RunReport>();
  for (const arm of new Set([...(plan.trunk ? [plan.trunk] : []), ...plan.arms])) {
    const report = await runArm(options, arm);
    reports.set(arm, report);
    await note(options, plan, reports);
    if (report.status === 'interrupted') break;
  }
  return note(options, plan, reports);
}

async function note({ folder, recipe }: SweepOptions, plan: SweepPlan, reports: ReadonlyMap<Arm, RunReport>) {
  const report = tabulate(folder, recipe, plan, reports);
  await writeJson(join(folder, 'sweep.json'), report as unknown as JsonObject);
  return report;
}

async function runArm({ listen, folder: study, stops: _, ...options }: SweepOptions, arm: Arm): Promise<RunReport> {
  const folder = join(study, arm.name);
  const recipe = options.host.resolve(arm.recipe);
  const earlier = await readReport(folder);
  if (earlier && earlier.step >= recipe.steps) {
    refuseOther(folder, earlier.recipe, recipe);
    return earlier;
  }
  const begun = (await listCheckpoints(folder)).some(({ whole }) => whole);
  return train({
    ...options,
    recipe,
    folder,
    ...(begun ? { resume: true } : { fresh: true, ...(arm.from !== null && { fork: arm.from }) }),
    ...(listen && { listen: (events: RunEvents) => listen(arm, events) }),
  });
}

async function readReport(folder: string): Promise<RunReport | null> {
  const text = await readFile(join(folder, 'report.json'), 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as RunReport);
}

/** A study's folder that holds runs of another recipe: numbers of both would stand side by side. */
function refuseOther(folder: string, then: Recipe, now: Recipe): void {
  const differing = differences(then, now);
  if (differing.length === 0) return;
  throw new HasteError('RUN_FOLDER', {
    what: `The folder holds a run of another recipe; it differs in ${differing.join(', ')}.`,
    where: folder,
    fix: 'Choose another folder for the study (--dir), or remove this one.',
  });
}
