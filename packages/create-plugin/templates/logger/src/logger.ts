import { type WriteStream, createWriteStream } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RunLogger, Services, defineLogger } from '@hastejs/plugin-api';
import { z } from 'zod';

const options = z.strictObject({
  file: z.string().min(1).default('metrics.csv').describe('File name in the run folder.'),
  every: z.int().positive().default(1).describe('Write every n-th step.'),
});

const HEAD = 'step,name,value';

/**
 * A CSV file with a line for each value: `12,loss/total,0.71`. One column for all names, since metrics on schedules of their
 * own come and go. A resumed run drops the lines past its checkpoint, so that no step is in the file twice.
 */
export const templateExport = defineLogger({
  id: 'logger/template-id',
  summary: 'Appends the scalars of each step to a CSV file in the run folder.',
  options,
  inject: { notices: Services.notices },
  create: ({ file, every }, { notices }): RunLogger => {
    let stream: WriteStream | null = null;
    return {
      async start({ folder, step }) {
        const path = join(folder, file);
        await keepUntil(path, step);
        stream = createWriteStream(path, { flags: 'a' });
        // A log that cannot be written does not end the run.
        stream.on('error', (error) => notices.warn(`${path} could not be written: ${error.message}`));
      },
      scalars(step, values) {
        if (step % every !== 0) return;
        const lines = Object.entries(values).map(([name, value]) => `${step},${cell(name)},${value}\n`);
        stream?.write(lines.join(''));
      },
      close: () => new Promise<void>((done) => (stream && !stream.closed ? stream.end(() => done()) : done())),
    };
  },
});

/** Names may hold what separates cells; a line stays a line, for `keepUntil`. */
function cell(name: string): string {
  const text = name.replaceAll(/[\r\n]+/g, ' ');
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Writes what is kept beside the file and renames it: a crash leaves the old file or the new one. */
async function keepUntil(path: string, step: number): Promise<void> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  // The last line may have been cut by a power loss.
  const whole = text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(1, -1);
  const kept = whole.filter((line) => Number(line.split(',', 1)[0]) <= step);
  await writeFile(`${path}.draft`, [HEAD, ...kept].map((line) => `${line}\n`).join(''));
  await rename(`${path}.draft`, path);
}
