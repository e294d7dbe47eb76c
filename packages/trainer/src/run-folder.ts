import { access, constants, mkdir, open, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { HasteError, type JsonObject } from '@hastejs/plugin-api';
import { removeDrafts } from './checkpoint/choose.js';
import { diskError } from './checkpoint/save.js';

/** What Haste writes into a run folder; `fresh` removes exactly these. */
const OWN_NAMES = [
  ...['checkpoints', 'recipe.json', 'origin.json', 'report.json', 'metrics.jsonl'],
  ...['samples.png', 'samples', 'triggers.svg', 'plot.svg', 'lock.json'],
];

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Start of the process, in ms since the epoch. */
  readonly started: number;
}
const SELF: Holder = { pid: process.pid, host: hostname(), started: performance.timeOrigin };

export interface RunFolder {
  readonly path: string;
  readonly checkpoints: string;
  /** Writes a JSON file beside its place, then renames it. */
  writeJson(name: string, value: JsonObject): Promise<void>;
  /** Lets other processes train here again. */
  release(): Promise<void>;
}

/**
 * Makes or takes over a run folder and locks it for this process.
 * @throws HasteError RUN_FOLDER when it holds another run, DISK when it cannot be written.
 */
export async function openRunFolder(path: string, mode: 'new' | 'fresh' | 'resume'): Promise<RunFolder> {
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK);
    if (mode === 'new') await refuseUsed(path);
    await lock(path);
    if (mode === 'fresh') await clear(path);
    await mkdir(join(path, 'checkpoints'), { recursive: true });
    await removeDrafts(path);
  } catch (cause) {
    throw diskError(cause, path);
  }
  return {
    path,
    checkpoints: join(path, 'checkpoints'),
    writeJson: (name, value) => writeJson(join(path, name), value),
    release: () => rm(join(path, 'lock.json'), { force: true }),
  };
}

export async function writeJson(path: string, value: JsonObject): Promise<void> {
  try {
    await writeFile(`${path}.draft`, `${JSON.stringify(value, null, 2)}\n`);
    await rename(`${path}.draft`, path);
  } catch (cause) {
    await rm(`${path}.draft`, { force: true }).catch(() => undefined);
    throw diskError(cause, path);
  }
}

async function refuseUsed(path: string): Promise<void> {
  const names = await readdir(path);
  if (!names.some((name) => name === 'recipe.json' || name === 'checkpoints')) return;
  throw new HasteError('RUN_FOLDER', {
    what: 'The folder already holds a run.',
    where: path,
    fix: `Go on with it (haste resume ${path}), replace it (--fresh), or choose another folder (--dir).`,
  });
}

async function clear(path: string): Promise<void> {
  for (const name of OWN_NAMES.filter((own) => own !== 'lock.json')) {
    await rm(join(path, name), { recursive: true, force: true });
  }
}

/** One process a run folder. A lock whose process is gone (kill -9, power) is taken over. */
async function lock(path: string): Promise<void> {
  const file = join(path, 'lock.json');
  const holder = await readHolder(file);
  if (holder && holder.host === hostname() && isAlive(holder)) {
    throw new HasteError('RUN_FOLDER', {
      what: `Another process (${holder.pid}) is training in this folder.`,
      where: path,
      fix: 'Wait for it or stop it, or choose another folder (--dir).',
    });
  }
  if (holder && holder.host !== hostname()) {
    throw new HasteError('RUN_FOLDER', {
      what: `The folder is locked by process ${holder.pid} on the machine ${holder.host}.`,
      where: path,
      fix: `If nothing trains there any more, remove ${file}.`,
    });
  }
  await rm(file, { force: true });
  const handle = await open(file, 'wx');
  await handle.writeFile(JSON.stringify(SELF));
  await handle.close();
}

async function readHolder(file: string): Promise<Holder | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder;
  } catch {
    // No lock, or one cut short by the death of its writer.
    return null;
  }
}

/** A container gives the same process ids again after a restart: our own id from an earlier life is not alive. */
function isAlive({ pid, started }: Holder): boolean {
  if (pid === SELF.pid) return started === SELF.started;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
