// What a logger promises (plugin-api, RunLogger).
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { RunLogger } from '@hastejs/plugin-api';
import type { Bench } from '../../bench/bench.js';
import { must } from '../../contract/contract-fault.js';
import { deepFreeze } from '../../measure/freeze.js';
import { leftOpen, openResources } from '../../measure/open-resources.js';

/** One step as a logger wrote it. */
export interface Written {
  readonly step: number;
  readonly values: Readonly<Record<string, number>>;
}

export interface LoggerCase {
  /**
   * Reads back what the logger wrote, in order: from the run folder, or from wherever its options send it. Without it, what
   * arrives cannot be looked at, and two checks are skipped.
   */
  readonly read?: (folder: string) => Promise<readonly Written[]>;
}

type Subject = Bench<'logger'>;

export const loggerChecks = {
  'takes whatever is measured, and leaves it alone': async (bench: Subject) => {
    const { logger } = await started(bench);
    const odd = [valuesAt(1), {}, { 'loss/total': NaN, grad_norm: Infinity }, { 'align/a b': -0, 'metric/ü/x': 1e-30 }];
    for (const [i, values] of odd.entries()) {
      try {
        logger.scalars(i + 1, deepFreeze({ ...values }));
      } catch (error) {
        must(false, {
          what: `It threw on ${JSON.stringify(values)}: ${(error as Error).message}.`,
          where: 'scalars()',
          fix: 'A logger never steers the run: take any names and numbers, NaN too, and change nothing.',
        });
      }
    }
    await logger.close();
  },
  'has written everything once it is closed': async (bench: Subject) => {
    const { logger, folder } = await started(bench);
    const steps = Array.from({ length: 50 }, (_, i) => i + 1);
    for (const step of steps) logger.scalars(step, valuesAt(step));
    await logger.close();
    const written = await readerOf(bench)(folder);
    const missing = steps.filter((step) => !written.some((line) => line.step === step));
    must(missing.length === 0, {
      what: `After close(), ${missing.length} of ${steps.length} steps are not there: ${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ', …' : ''}.`,
      where: 'close()',
      fix: 'Flush, and resolve when it has arrived: the process may end right after.',
    });
    const other = written.find(({ step, values }) => !isDeepStrictEqual({ ...values }, valuesAt(step)));
    must(other === undefined, {
      what: `Step ${other?.step} is ${JSON.stringify(other?.values)}, and was ${JSON.stringify(valuesAt(other?.step ?? 0))}.`,
      where: 'scalars()',
      fix: 'Write names and numbers as they are given.',
    });
  },
  'goes on where a resumed run goes on': async (bench: Subject) => {
    const { logger: first, folder } = await started(bench);
    for (const step of [1, 2, 3, 4, 5]) first.scalars(step, valuesAt(step));
    await first.close();
    const { logger: second } = await started(bench, folder, 3);
    for (const step of [4, 5, 6]) second.scalars(step, valuesAt(step));
    await second.close();
    const steps = (await readerOf(bench)(folder)).map(({ step }) => step);
    must(steps.join() === '1,2,3,4,5,6', {
      what: `Cut after 5 steps and resumed from the checkpoint at 3, it has steps ${steps.join(', ')}.`,
      where: 'start()',
      fix: 'Keep what is up to the step that start() is given, drop what is after it, and go on.',
    });
  },
  'writes nothing after it is closed': async (bench: Subject) => {
    const { logger, folder } = await started(bench);
    for (const step of [1, 2, 3]) logger.scalars(step, valuesAt(step));
    await logger.close();
    const before = await contentsOf(folder);
    await new Promise((done) => setTimeout(done, 60));
    must(isDeepStrictEqual(await contentsOf(folder), before), {
      what: 'It still wrote into the run folder after close() had resolved.',
      where: 'close()',
      fix: 'Resolve when the last byte is written.',
    });
  },
  'can be closed twice, and before it has started': async (bench: Subject) => {
    const idle = await bench.create();
    await closing(idle, 'before start()');
    const { logger } = await started(bench);
    await closing(logger, 'once');
    await closing(logger, 'twice');
  },
  'leaves nothing open': async (bench: Subject) => {
    const before = openResources();
    const { logger } = await started(bench);
    logger.scalars(1, valuesAt(1));
    await logger.close();
    const left = await leftOpen(before);
    must(left.length === 0, {
      what: `After close() it keeps ${left.join(', ')} open.`,
      where: 'close()',
      fix: 'Close files and sockets, and wait for it: a run must be able to end.',
    });
  },
};

/** Checks that cannot be made of a case, with the reason. */
export function unreadableLogger({ read }: LoggerCase): Readonly<Record<string, string>> {
  if (read) return {};
  const reason = 'the case does not say how to read back what was written (read)';
  return { 'has written everything once it is closed': reason, 'goes on where a resumed run goes on': reason };
}

async function started(bench: Subject, into?: string, step = 0): Promise<{ logger: RunLogger; folder: string }> {
  const folder = into ?? (await bench.folder());
  const logger = await bench.create();
  await logger.start?.({ folder, recipe: bench.run.recipe as never, step });
  return { logger, folder };
}

async function closing(logger: RunLogger, when: string): Promise<void> {
  try {
    await logger.close();
  } catch (error) {
    must(false, {
      what: `close() failed when it was called ${when}: ${(error as Error).message}`,
      where: 'close()',
      fix: 'A run that fails early closes what it has created: do nothing where there is nothing to do.',
    });
  }
}

const valuesAt = (step: number) => ({ 'loss/total': 1 / (step + 1), 'align/feature': -step / 64, grad_norm: step / 8 });
const readerOf = ({ contractCase }: Subject) => (contractCase as LoggerCase).read!;

async function contentsOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.sort().map(async (file) => `${file} ${await readFile(file, 'base64')}`));
}
