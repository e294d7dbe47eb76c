import type { RunEvents } from '@hastejs/core';
import { formatBytes, formatDuration } from '../output/format.js';
import type { Output } from '../output/output.js';
import type { Progress } from './progress.js';

const EVENT_NAMES = ['teacher-cache:started', 'teacher-cache:advanced', 'teacher-cache:ended'] as const;

/** Follows the filling of teacher caches on the screen, or as JSON lines. */
export function followTeacherCache(events: RunEvents, progress: Progress, output: Output): void {
  if (output.json) {
    for (const name of EVENT_NAMES) events.on(name, (payload: object) => output.record(name, payload));
    return;
  }
  events.on('teacher-cache:started', ({ teacher, folder, images, done, bytes, free }) => {
    const left = (images - done).toLocaleString('en-US');
    progress.note(
      `computing the features of ${teacher} for ${left} images: ${formatBytes(bytes)} in ${folder} (${formatBytes(free)} free)`,
    );
    progress.start('cache', done, images, 'image');
  });
  events.on('teacher-cache:advanced', ({ done }) => progress.update(done));
  events.on('teacher-cache:ended', ({ complete, seconds }) => {
    progress.end();
    const spent = formatDuration(seconds);
    progress.note(complete ? `teacher cache complete after ${spent}` : `teacher cache interrupted after ${spent}`);
  });
}
