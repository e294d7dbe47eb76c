import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { HasteError, isHasteError } from '@hastejs/plugin-api';
import { type RunFile, stepOfName } from './format.js';
import { readCheckpointFile } from './load.js';

export interface CheckpointInfo {
  readonly step: number;
  readonly path: string;
  readonly whole: boolean;
  /** What is wrong with it, when it is not whole. */
  readonly fault?: string;
}

export interface Chosen {
  /** The run folder it belongs to. */
  readonly folder: string;
  readonly path: string;
  readonly runFile: RunFile;
}

const checkpointsOf = (folder: string): string => join(folder, 'checkpoints');

/** Every checkpoint of a run folder by ascending step, each verified. */
export async function listCheckpoints(folder: string): Promise<CheckpointInfo[]> {
  const places = await placesIn(folder);
  return Promise.all(
    places.map(async ({ step, path }) => {
      try {
        await readCheckpointFile(path);
        return { step, path, whole: true };
      } catch (error) {
        if (!isHasteError(error)) throw error;
        return { step, path, whole: false, fault: error.what };
      }
    }),
  );
}

/**
 * Finds the checkpoint that a person means: a checkpoint folder itself, or the newest of a run folder. A damaged one is
 * refused by name, and the newest whole one is offered.
 */
export async function chooseCheckpoint(path: string): Promise<Chosen> {
  const target = resolve(path);
  const isCheckpoint = stepOfName(basename(target)) !== null;
  const folder = isCheckpoint ? dirname(dirname(target)) : target;
  const place = isCheckpoint ? target : (await placesIn(folder)).at(-1)?.path;
  if (!place) {
    throw new HasteError('CHECKPOINT_MISSING', {
      what: 'There is no checkpoint here.',
      where: target,
      fix: 'Name a run folder that holds checkpoints/, or train first.',
    });
  }
  try {
    return { folder, path: place, runFile: await readCheckpointFile(place) };
  } catch (error) {
    if (!isHasteError(error)) throw error;
    throw await withOffer(error, folder, place);
  }
}

/** Removes drafts that a killed process left. Only the holder of the run's lock may call it. */
export async function removeDrafts(folder: string): Promise<void> {
  for (const name of await namesIn(checkpointsOf(folder))) {
    if (name.startsWith('.draft-')) await rm(join(checkpointsOf(folder), name), { recursive: true, force: true });
  }
}

async function withOffer(error: HasteError, folder: string, refused: string): Promise<HasteError> {
  const whole = (await listCheckpoints(folder)).filter((info) => info.whole && info.path !== refused).at(-1);
  return new HasteError(error.code, {
    what: error.what,
    where: error.where ?? refused,
    fix: whole
      ? `The newest whole one is at step ${whole.step}: haste resume ${whole.path}`
      : 'The run has no whole checkpoint left; start it anew with haste train --fresh.',
    cause: error,
  });
}

async function placesIn(folder: string): Promise<{ step: number; path: string }[]> {
  return (await namesIn(checkpointsOf(folder)))
    .flatMap((name) => {
      const step = stepOfName(name);
      return step === null ? [] : [{ step, path: join(checkpointsOf(folder), name) }];
    })
    .sort((a, b) => a.step - b.step);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
