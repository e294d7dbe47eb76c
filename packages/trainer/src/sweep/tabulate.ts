import type { Recipe } from '@hastejs/core';
import type { RunReport } from '../report.js';
import type { Arm, Stop, SweepPlan } from './plan.js';

/** One line of a study's table. */
export interface SweepRow {
  readonly stop: Stop;
  readonly folder: string;
  readonly status: RunReport['status'] | 'waiting';
  /** Steps trained for this arm alone; the rest is shared. */
  readonly steps: number;
  /** Mean of `loss/denoise` over the last twentieth of the run; null before it is done. */
  readonly denoise: number | null;
  /** The last measurement of every metric. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly stepSeconds: RunReport['stepSeconds'] | null;
}

/** What `sweep.json` holds. */
export interface SweepReport {
  readonly status: RunReport['status'];
  readonly folder: string;
  readonly recipe: Recipe;
  readonly rows: readonly SweepRow[];
  readonly steps: SweepPlan['steps'];
}

export function tabulate(
  folder: string,
  recipe: Recipe,
  { arms, steps }: SweepPlan,
  reports: ReadonlyMap<Arm, RunReport>,
): SweepReport {
  const rows = arms.map((arm) => rowOf(arm, folder, reports.get(arm)));
  const finished = rows.every(({ status }) => status === 'finished');
  return { status: finished ? 'finished' : 'interrupted', folder, recipe, rows, steps };
}

function rowOf({ stop, name, steps }: Arm, folder: string, report: RunReport | undefined): SweepRow {
  const done = report?.status === 'finished';
  return {
    stop,
    folder: `${folder}/${name}`,
    status: report?.status ?? 'waiting',
    steps,
    denoise: done ? lastMean(report.losses['loss/denoise']?.value ?? []) : null,
    metrics: done ? lastMetrics(report) : {},
    stepSeconds: report?.stepSeconds ?? null,
  };
}

function lastMean(values: readonly number[]): number | null {
  const last = values.slice(-Math.ceil(values.length / 20));
  return last.length === 0 ? null : last.reduce((sum, value) => sum + value, 0) / last.length;
}

function lastMetrics({ losses }: RunReport): Record<string, number> {
  const metrics = Object.entries(losses).filter(([name, { value }]) => name.startsWith('metric/') && value.length > 0);
  return Object.fromEntries(metrics.map(([name, { value }]) => [name, value.at(-1)!]));
}
