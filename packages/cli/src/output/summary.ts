import type { RunReport } from '@hastejs/trainer';
import { join } from 'node:path';
import type { Colors, Io } from '../io.js';
import { quoted, shown } from '../paths.js';
import { briefName } from '../train-progress.js';
import { formatNumber } from './format.js';
import { formatTable } from './table.js';

/** What a person wants to know after training: what happened, where everything is, how to go on. */
export function summarise(report: RunReport, samples: string | null, io: Io, colors: Colors): string[] {
  const { step, steps, backend, status } = report;
  const headline =
    status === 'finished'
      ? `${colors.green('done')} ${step} steps on ${backend.name} (${backend.device})`
      : `${colors.yellow('stopped')} after step ${step} of ${steps}; everything is saved`;
  return [headline, ...formatTable([...facts(report), ...places(report, samples, io)])];
}

function facts({ phaseChange, recipe, stepSeconds, losses }: RunReport): string[][] {
  const rows: string[][] = [];
  if (phaseChange) rows.push(['alignment', `ended at step ${phaseChange.step}: ${phaseChange.reason}`]);
  else if (recipe.alignment) rows.push(['alignment', 'never ended']);
  for (const [name, { value }] of Object.entries(losses)) {
    const brief = name === 'loss/denoise' && !recipe.alignment ? null : briefName(name);
    if (brief !== null && value.length > 0) rows.push([brief, ends(value)]);
  }
  const paces = Object.entries(stepSeconds).flatMap(([phase, pace]) =>
    pace ? [`${formatNumber(pace.median)} s${recipe.alignment ? ` while ${phase}` : ''}`] : [],
  );
  if (paces.length > 0) rows.push(['a step', paces.join(', ')]);
  return rows;
}

function places({ folder, status, checkpoints }: RunReport, samples: string | null, io: Io): string[][] {
  const rows: string[][] = [];
  const run = quoted(shown(folder, io));
  if (samples !== null) rows.push(['samples', shown(samples, io)]);
  rows.push(['report', shown(join(folder, 'report.json'), io)]);
  const newest = checkpoints.at(-1);
  if (newest) rows.push(['checkpoint', shown(newest.path, io)]);
  if (status === 'interrupted') rows.push(['go on', `npx haste resume ${run}`]);
  if (newest) rows.push(['draw more', `npx haste sample ${run} --per-class 4 --seed 1`]);
  return rows;
}

/** Where a curve began and ended: means over its first and last twentieth, since single steps are noisy. */
function ends(values: readonly number[]): string {
  const some = Math.ceil(values.length / 20);
  const mean = (part: readonly number[]) => formatNumber(part.reduce((sum, value) => sum + value, 0) / part.length);
  return `${mean(values.slice(0, some))} → ${mean(values.slice(-some))}`;
}
