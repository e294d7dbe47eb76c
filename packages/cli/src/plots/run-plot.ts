import type { RunLog } from '@hastejs/trainer';
import { type Chart, chartsFile } from './chart.js';
import { familiesOf, matches } from './families.js';
import { namesOf, pointsOf } from './points.js';

/** A plot, and what is in it. */
export interface RunPlot {
  readonly svg: string;
  /** Titles of the charts, from the top. */
  readonly charts: readonly string[];
}

/**
 * Values of a run's log over its steps. What belongs together is in one chart: all losses, one measurement of all blocks. The
 * end of phase I is marked.
 * @param patterns names, where `*` stands for anything; none is all.
 * @returns null when no value has such a name.
 */
export function runPlot(log: RunLog, title: string, patterns: readonly string[]): RunPlot | null {
  const names = namesOf(log).filter((name) => patterns.length === 0 || matches(name, patterns));
  const charts = familiesOf(names).map(({ title, members, ordered }): Chart => {
    const series = members.map(({ name, label }) => ({ label, points: pointsOf(log, name) }));
    return { title, ordered, series: series.filter(({ points }) => points.length > 0) };
  });
  const drawn = charts.filter(({ series }) => series.length > 0);
  if (drawn.length === 0) return null;
  const ended = log.aligned > 0 && log.aligned < log.last;
  const event = ended ? { step: log.aligned, label: 'end of phase I' } : null;
  return { svg: chartsFile(title, drawn, log.last, event), charts: drawn.map((chart) => chart.title) };
}
