import type { PullEvent } from '@hastejs/weights';
import { formatBytes } from '../output/format.js';
import type { Output } from '../output/output.js';
import type { Progress } from './progress.js';

/** Machines hear of every hundredth: a chunk of a download has some 64 KiB. */
const RECORDS = 100;

/** Follows a pull on the screen, or as JSON lines. @param cache as a person calls it. */
export function followPull(progress: Progress, output: Output, cache: string): (event: PullEvent) => void {
  if (output.json) return recorded(output);
  let started = false;
  return (event) => {
    switch (event.kind) {
      case 'planned': {
        if (event.bytes === 0) return;
        const missing = event.files.filter(({ here }) => !here).map(({ path }) => path);
        const what = `${missing.join(', ')} of ${event.repo} at ${event.commit.slice(0, 8)}`;
        return progress.note(`fetching ${what}: ${formatBytes(event.bytes)} into ${cache}`);
      }
      case 'advanced': {
        if (started) return progress.update(event.done, [event.file]);
        started = true;
        if (event.done > 0) progress.note(`going on after the ${formatBytes(event.done)} that are here`);
        return progress.start('pull', event.done, event.bytes, 'byte');
      }
      case 'retrying':
        return progress.note(`${event.reason}; trying again${event.seconds > 0 ? ` in ${event.seconds} s` : ''}`);
      case 'waiting':
        return progress.note(`another process fetches ${event.file}; waiting for it`);
    }
  };
}

function recorded(output: Output): (event: PullEvent) => void {
  let recordedAt = -Infinity;
  return ({ kind, ...data }) => {
    if ('done' in data && data.done < data.bytes && data.done - recordedAt < data.bytes / RECORDS) return;
    if ('done' in data) recordedAt = data.done;
    output.record(`pull:${kind}`, data);
  };
}
