import { createWriteStream, type WriteStream } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RunLogger, Services, defineLogger } from '@hastejs/plugin-api';
import { z } from 'zod';

const options = z.strictObject({
  file: z.string().min(1).default('metrics.jsonl').describe('File name in the run folder'),
  every: z.number().int().positive().default(1).describe('Write every n-th step'),
});

/** One JSON object a line: `{"step": 12, "loss/total": 0.71, …}`. A resumed run drops the lines past its checkpoint. */
export const jsonl = defineLogger({
  id: 'logger/jsonl',
  summary: 'Appends the scalars of each step to a JSON Lines file in the run folder.',
  options,
  inject: { notices: Services.notices },
  create: ({ file, every }, { notices }): RunLogger => {
    let stream: WriteStream | null = null;
    return {
      async start({ folder, step }) {
        const path = join(folder, file);
        await keepUntil(path, step);
        stream = createWriteStream(path, { flags: 'a' });
        // A log that cannot be written does not end the run: the next checkpoint will, if the disk is really full.
        stream.on('error', (error) => notices.warn(`${path} could not be written: ${error.message}`));
      },
      scalars(step, values) {
        if (step % every === 0) stream?.write(`${JSON.stringify({ step, ...values })}\n`);
      },
      close: () => new Promise<void>((done) => (stream ? stream.end(() => done()) : done())),
    };
  },
});

async function keepUntil(path: string, step: number): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const kept = text.split('\n').filter((line) => line !== '' && stepOf(line) <= step);
  await writeFile(`${path}.draft`, kept.map((line) => `${line}\n`).join(''));
  await rename(`${path}.draft`, path);
}

/** A line cut by a power loss is dropped. */
function stepOf(line: string): number {
  try {
    return (JSON.parse(line) as { step: number }).step;
  } catch {
    return Infinity;
  }
}
