import type { RunEvents } from '@hastejs/core';
import { formatNumber } from './output/format.js';
import type { Output } from './output/output.js';
import type { Progress } from './progress/progress.js';
import { followTeacherCache } from './progress/teacher-cache.js';

/** Follows a run's events on the screen, or as JSON lines. */
export function followRun(events: RunEvents, progress: Progress, output: Output): void {
  followTeacherCache(events, progress, output);
  if (output.json) return recordRun(events, output);
  events.on('run:started', ({ folder, step, steps, backend }) => {
    progress.note(
      `${step === 0 ? 'training' : `resuming at step ${step}`} in ${folder} on ${backend.name} (${backend.device})`,
    );
    progress.start('train', step, steps);
  });
  events.on('step:completed', ({ step, losses, phase }) => {
    progress.update(step, [phase, ...lossesInBrief(losses)]);
  });
  events.on('phase:changed', ({ step, reason }) => {
    progress.note(`alignment ends at step ${step}: ${reason}`);
    progress.newPace();
  });
  events.on('metric:measured', ({ step, name, value }) =>
    progress.note(`${name} ${formatNumber(value)} at step ${step}`),
  );
}

/** Every event as it is, under its own name. */
function recordRun(events: RunEvents, output: Output): void {
  for (const name of EVENT_NAMES) events.on(name, (payload: object) => output.record(name, payload));
}

const EVENT_NAMES = [
  'run:started',
  'step:completed',
  'metric:measured',
  'phase:changed',
  'checkpoint:saved',
  'run:finished',
] as const;

/** The losses of a step by short names. Without alignment the total is the denoising loss, and is said once. */
export function lossesInBrief(losses: Readonly<Record<string, number>>): string[] {
  const aligning = Object.keys(losses).some((name) => name.startsWith('align/'));
  return Object.entries(losses).flatMap(([name, value]) => {
    if (name === 'loss/denoise' && !aligning) return [];
    const brief = briefName(name);
    return brief === null ? [] : [`${brief} ${formatNumber(value)}`];
  });
}

/** `loss/total` → `loss`, `loss/denoise` → `denoise`, `align/feature` → `feature`; null for what is no loss. */
export function briefName(name: string): string | null {
  if (name === 'loss/total') return 'loss';
  const match = /^(?:loss|align)\/(.+)$/.exec(name);
  return match?.[1] ?? null;
}
