import type { RunEvents } from '@hastejs/core';
import type { Alignment } from '../alignment.js';
import { diskError } from '../checkpoint/save.js';
import { CachedTeacher } from './cached-teacher.js';
import type { FillContext } from './fill.js';
import type { CachePlan } from './room.js';

/** A cache after filling. */
export interface FilledCache extends CachePlan {
  readonly complete: boolean;
  /** Bytes of all features wanted: those that were there and those that were added. */
  readonly size: number;
}

/**
 * Computes what the caches of an alignment lack, one after the other, and tells of it. Where nothing is missing nothing is
 * told, and no teacher is created. Interrupted, it stops within a batch; whole shards stay.
 * @throws HasteError DISK, or whatever a teacher or the data set throws.
 */
export async function fillTeacherCaches(
  alignment: Alignment,
  events: RunEvents,
  context: Omit<FillContext, 'advanced'>,
): Promise<FilledCache[]> {
  const filled: FilledCache[] = [];
  for (const [teacher, taps] of alignment.teachers) {
    if (!(teacher instanceof CachedTeacher)) continue;
    const plan = await teacher.plan(taps);
    if (!teacher.complete && !context.signal?.aborted) await fillOne(teacher, plan, events, context);
    filled.push({ ...plan, complete: teacher.complete, size: teacher.size });
  }
  return filled;
}

async function fillOne(
  cached: CachedTeacher,
  plan: CachePlan,
  events: RunEvents,
  context: Omit<FillContext, 'advanced'>,
): Promise<void> {
  const started = performance.now();
  const { teacher, folder, images } = plan;
  events.emit('teacher-cache:started', plan);
  let done = plan.done;
  const advanced = (rows: number): void => {
    done += rows;
    events.emit('teacher-cache:advanced', { done, images });
  };
  try {
    const complete = await cached.fill({ ...context, advanced });
    const seconds = (performance.now() - started) / 1000;
    events.emit('teacher-cache:ended', { teacher, folder, complete, seconds });
  } catch (error) {
    throw diskError(error, folder);
  }
}
