import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HasteError, isHasteError } from '@hastejs/plugin-api';
import { type Params, paramsToHost, writeSafetensors } from '@hastejs/tensor';
import {
  type FileRecord,
  type RunFile,
  type RunState,
  type RunTensors,
  TENSOR_FILES,
  checkpointName,
  checksumOf,
} from './format.js';
import { fileRecord } from './file-record.js';
import { readCheckpointFile } from './load.js';

/**
 * Writes a checkpoint folder beside its place and renames it into place, so that a half-written one is never taken for
 * whole, whatever kills the process and whenever.
 * @returns the folder.
 * @throws HasteError DISK when the disk is full or the folder is read-only; earlier checkpoints stay.
 */
export async function saveCheckpoint(folder: string, state: RunState, tensors: RunTensors): Promise<string> {
  const place = join(folder, checkpointName(state.step));
  if (await isWhole(place)) return place;
  const draft = join(folder, `.draft-${checkpointName(state.step)}-${process.pid}`);
  try {
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { recursive: true });
    await writeContents(draft, state, tensors);
    await rm(place, { recursive: true, force: true });
    await rename(draft, place);
    await syncFolder(folder);
    return place;
  } catch (cause) {
    await rm(draft, { recursive: true, force: true }).catch(() => undefined);
    throw diskError(cause, place);
  }
}

async function writeContents(draft: string, state: RunState, tensors: RunTensors): Promise<void> {
  const flat: Record<(typeof TENSOR_FILES)[number], Params> = {
    params: tensors.params,
    ema: tensors.ema,
    alignment: tensors.alignment,
    optimizer: flattenSlots(tensors.optimizer),
  };
  const files: Record<string, FileRecord> = {};
  for (const name of TENSOR_FILES) {
    const path = join(draft, `${name}.safetensors`);
    await writeSafetensors(path, await paramsToHost(flat[name]), { format: 'pt' });
    files[`${name}.safetensors`] = await fileRecord(path);
  }
  const content = { format: 'haste-checkpoint', version: 1, ...state, files } as const;
  const runFile: RunFile = { ...content, checksum: checksumOf(content) };
  await writeDurably(join(draft, 'run.json'), JSON.stringify(runFile));
  await syncFolder(draft);
}

/** { m: { a }, v: { a } } → { 'm/a', 'v/a' }. Parameter names hold no slash. */
function flattenSlots(slots: RunTensors['optimizer']): Params {
  const entries = Object.entries(slots).flatMap(([slot, params]) =>
    Object.entries(params).map(([name, tensor]) => [`${slot}/${name}`, tensor] as const),
  );
  return Object.fromEntries(entries);
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a rename survive a power cut. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function isWhole(place: string): Promise<boolean> {
  try {
    await readCheckpointFile(place);
    return true;
  } catch (error) {
    if (isHasteError(error)) return false;
    throw error;
  }
}

const DISK_REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'the folder may not be written to',
  EPERM: 'the folder may not be written to',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'the path is not a folder',
};

/** A failed write as one clear error; anything else passes through. */
export function diskError(cause: unknown, where: string): unknown {
  const code = (cause as NodeJS.ErrnoException | null)?.code ?? '';
  const reason = DISK_REASONS[code];
  if (!reason) return cause;
  return new HasteError('DISK', {
    what: `Could not write: ${reason}.`,
    where,
    fix: 'Make room or choose another folder with --dir; what was saved before is whole, and the run can be resumed from it.',
    cause,
  });
}
