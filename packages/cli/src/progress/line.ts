import type { Colors } from '../io.js';
import { formatBytes, formatDuration, formatRate } from '../output/format.js';

/** What one progress line says. */
export interface ProgressView {
  /** What is going on: `train`, `sample`. */
  readonly label: string;
  readonly done: number;
  readonly total: number;
  /** What is counted, such as 'image' or 'byte'; absent: steps. */
  readonly unit?: string;
  readonly perSecond: number | null;
  /** Phase and losses, most important first: the last ones are dropped when the terminal is narrow. */
  readonly details: readonly string[];
}

const MOST_BAR = 24;
const LEAST_BAR = 6;

/**
 * A bar that fits `width` columns: what does not fit is left out from the right, then the bar shrinks and goes. Only
 * single-width characters are used, so lengths are columns.
 */
export function renderBar(view: ProgressView, width: number, colors: Colors): string {
  const count = counted(view);
  const fixed = view.label.length + count.length + 2;
  const bar = Math.min(MOST_BAR, width - fixed - 1);
  if (bar < LEAST_BAR) return `${view.label} ${count}`.slice(0, Math.max(0, width));
  const full = Math.round((view.total > 0 ? Math.min(1, view.done / view.total) : 0) * bar);
  const start = `${view.label} ${colors.cyan('█'.repeat(full))}${colors.dim('░'.repeat(bar - full))} ${count}`;
  return [start, ...fitting(facts(view), width - fixed - bar)].join('  ');
}

/** The same facts as one line of a log. */
export function renderLine(view: ProgressView): string {
  const percent = view.total > 0 ? Math.floor((100 * view.done) / view.total) : 0;
  return [`${view.label} ${counted(view)} (${percent}%)`, ...facts(view)].join(' · ');
}

function counted({ done, total, unit }: ProgressView): string {
  return unit === 'byte' ? `${formatBytes(done)}/${formatBytes(total)}` : `${done}/${total}`;
}

function facts({ done, total, unit, perSecond, details }: ProgressView): string[] {
  if (perSecond === null) return [...details];
  const left = done < total ? [`${formatDuration((total - done) / perSecond)} left`] : [];
  return [formatRate(perSecond, unit), ...left, ...details];
}

function fitting(parts: readonly string[], room: number): string[] {
  const kept: string[] = [];
  let used = 0;
  for (const part of parts) {
    used += part.length + 2;
    if (used > room) break;
    kept.push(part);
  }
  return kept;
}
