import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Recipe } from '@hastejs/core';
import type { JsonObject } from '@hastejs/plugin-api';
import type { CheckpointRecord, RunState } from './checkpoint/format.js';
import { type Curve, History } from './history.js';
import type { Phase } from './phase.js';
import { writeJson } from './run-folder.js';
import { StepTimes, type StepTimeSummary } from './step-times.js';

/** What a run leaves for people and scripts, as `report.json`. */
export interface RunReport {
  readonly status: 'finished' | 'interrupted';
  readonly folder: string;
  readonly recipe: Recipe;
  readonly backend: { readonly name: string; readonly device: string; readonly version: string };
  /** Completed and planned steps. */
  readonly step: number;
  readonly steps: number;
  /** The first step of phase II and why it began; null while aligning, and when there was nothing to align. */
  readonly phaseChange: { readonly step: number; readonly reason: string } | null;
  /** Loss curves by term, at most 512 points each: means over equal numbers of steps. */
  readonly losses: Readonly<Record<string, Curve>>;
  /** Seconds a step in each phase, over the last 1024 steps of it. */
  readonly stepSeconds: { readonly aligning: StepTimeSummary | null; readonly free: StepTimeSummary | null };
  readonly checkpoints: readonly { readonly step: number; readonly path: string; readonly reason: string }[];
  /** The checkpoint that the run was forked from, and its step. */
  readonly forkedFrom: { readonly path: string; readonly step: number } | null;
  /** Path of the sample grid, once drawn. */
  readonly samples: string | null;
}

/** Builds the report of a run from its state. */
export function makeReport(folder: string, state: RunState, steps: number, aligns: boolean): RunReport {
  return {
    status: state.step >= steps ? 'finished' : 'interrupted',
    folder,
    recipe: state.recipe,
    backend: state.backend,
    step: state.step,
    steps,
    phaseChange: aligns ? changeOf(state.phase) : null,
    losses: new History(state.history).curvesByName(),
    stepSeconds: new StepTimes(state.stepTimes).summary(),
    checkpoints: state.checkpoints.map((record) => describe(folder, record)),
    forkedFrom: state.forkedFrom ?? null,
    samples: null,
  };
}

/** Records in `report.json` where the samples were drawn. */
export async function reportSamples(folder: string, samples: string): Promise<void> {
  const path = join(folder, 'report.json');
  const report = JSON.parse(await readFile(path, 'utf8')) as JsonObject;
  await writeJson(path, { ...report, samples });
}

function changeOf(phase: Phase): RunReport['phaseChange'] {
  return phase.kind === 'free' ? { step: phase.since, reason: phase.reason } : null;
}

function describe(folder: string, { step, name, reason }: CheckpointRecord): RunReport['checkpoints'][number] {
  return { step, path: join(folder, 'checkpoints', name), reason };
}
