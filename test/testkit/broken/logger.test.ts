import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Server, createServer } from 'node:net';
import { type RunLogger, defineLogger } from '@hastejs/plugin-api';
import { loggerContract } from '@hastejs/testkit';
import { z } from 'zod';
import { type BrokenTable, expectCaught } from './expect-caught.js';

/** Lines of JSON, correct: it drops what is past the checkpoint, and writes when it is closed. */
class Lines implements RunLogger {
  protected file = '';
  protected readonly lines: string[] = [];

  start({ folder, step }: { folder: string; step: number }): void {
    this.file = join(folder, 'lines.jsonl');
    const old = existsSync(this.file) ? readFileSync(this.file, 'utf8').split('\n') : [];
    writeFileSync(this.file, old.filter((line) => line && (JSON.parse(line) as { step: number }).step <= step).map((line) => `${line}\n`).join('')); // prettier-ignore
  }
  scalars(step: number, values: Readonly<Record<string, number>>): void {
    this.lines.push(JSON.stringify({ step, values }));
  }
  close(): void | Promise<void> {
    if (this.file)
      appendFileSync(
        this.file,
        this.lines
          .splice(0)
          .map((line) => `${line}\n`)
          .join(''),
      );
  }
}

const read = async (folder: string) =>
  readFileSync(join(folder, 'lines.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { step: number; values: Record<string, number> });

const logger = (name: string, Class: new () => RunLogger) =>
  defineLogger({ id: `broken/${name}`, summary: 'Broken on purpose.', options: z.strictObject({}), create: () => new Class() }); // prettier-ignore
const broken = (name: string, Class: new () => RunLogger) => loggerContract(logger(name, Class), { read });

const servers: Server[] = [];
const timers: NodeJS.Timeout[] = [];
afterAll(() => {
  servers.forEach((server) => server.close());
  timers.forEach(clearTimeout);
});

const TABLE: BrokenTable<'logger'> = {
  'takes whatever is measured, and leaves it alone': [
    [broken('strict', class extends Lines { override scalars(step: number, values: Record<string, number>) { if (Object.values(values).some(Number.isNaN)) throw new RangeError('not a number'); super.scalars(step, values); } }), 'It threw on {"loss/total":null,"grad_norm":null}: not a number.'], // prettier-ignore
    [broken('writing', class extends Lines { override scalars(_step: number, values: Record<string, number>) { values['step'] = 1; } }), /^It threw on .*: Cannot add property step, object is not extensible\.$/], // prettier-ignore
  ],
  'has written everything once it is closed': [
    [broken('late', class extends Lines { override close() { timers.push(setTimeout(() => existsSync(this.file) && super.close(), 30)); } }), /^After close\(\), 50 of 50 steps are not there: 1, 2, 3, 4, 5, …\.$/], // prettier-ignore
    [broken('thinning', class extends Lines { override scalars(step: number, values: Record<string, number>) { if (step % 10) super.scalars(step, values); } }), 'After close(), 5 of 50 steps are not there: 10, 20, 30, 40, 50.'], // prettier-ignore
    [broken('rounding', class extends Lines { override scalars(step: number, values: Record<string, number>) { super.scalars(step, { ...values, grad_norm: 0 }); } }), 'Step 1 is {"loss/total":0.5,"align/feature":-0.015625,"grad_norm":0}, and was {"loss/total":0.5,"align/feature":-0.015625,"grad_norm":0.125}.'], // prettier-ignore
  ],
  'goes on where a resumed run goes on': [
    [broken('anew', class extends Lines { override start(run: { folder: string }) { super.start({ ...run, step: 0 }); } }), 'Cut after 5 steps and resumed from the checkpoint at 3, it has steps 4, 5, 6.'], // prettier-ignore
    [broken('doubling', class extends Lines { override start(run: { folder: string }) { super.start({ ...run, step: 99 }); } }), 'Cut after 5 steps and resumed from the checkpoint at 3, it has steps 1, 2, 3, 4, 5, 4, 5, 6.'], // prettier-ignore
  ],
  'writes nothing after it is closed': [
    [broken('late', class extends Lines { override close() { timers.push(setTimeout(() => existsSync(this.file) && super.close(), 15)); } }), 'It still wrote into the run folder after close() had resolved.'], // prettier-ignore
  ],
  'can be closed twice, and before it has started': [
    [broken('eager', class extends Lines { override close() { appendFileSync(this.file, ''); } }), /^close\(\) failed when it was called before start\(\): ENOENT/], // prettier-ignore
    [broken('once', class extends Lines { gone = false; override close() { if (this.gone) throw new Error('write after end'); this.gone = this.file !== ''; } }), 'close() failed when it was called twice: write after end'], // prettier-ignore
  ],
  'leaves nothing open': [
    [
      broken(
        'listening',
        class extends Lines {
          override async close() {
            const server = createServer();
            servers.push(server);
            await new Promise<void>((done) => server.listen(0, () => done()));
          }
        },
      ),
      'After close() it keeps TCPServerWrap open.',
    ],
  ],
};

describe('a broken logger is caught', () => expectCaught(TABLE));

it('skips what cannot be looked at, and says so', () => {
  const skipped = loggerContract(logger('mute', Lines)).checks.filter((check) => check.skipped !== undefined);
  expect(skipped.map(({ name }) => name)).toEqual([
    'refuses bad options with an error that people can read',
    'has written everything once it is closed',
    'goes on where a resumed run goes on',
  ]);
  expect(skipped.at(-1)!.skipped).toBe('the case does not say how to read back what was written (read)');
});
