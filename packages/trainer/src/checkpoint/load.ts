import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HasteError, type OptimizerState } from '@hastejs/plugin-api';
import { type HostTensor, type Params, paramsFromHost, readSafetensors } from '@hastejs/tensor';
import { type RunFile, type RunTensors, TENSOR_FILES, type TensorFile, checksumOf } from './format.js';
import { fileRecord } from './file-record.js';

/**
 * Reads and verifies a checkpoint without touching the backend: `run.json` against its own checksum, every file against
 * its size and sha256.
 * @throws HasteError CHECKPOINT_MISSING, CHECKPOINT_DAMAGED or CHECKPOINT_FOREIGN, naming the folder and the file.
 */
export async function readCheckpointFile(place: string): Promise<RunFile> {
  const runFile = parseRunFile(place, await readRunText(place));
  for (const name of TENSOR_FILES.map((file) => `${file}.safetensors`)) {
    const expected = runFile.files[name];
    const found = await fileRecord(join(place, name)).catch(() => null);
    if (!expected || !found) throw damaged(place, `${name} is missing`);
    if (found.bytes !== expected.bytes)
      throw damaged(place, `${name} has ${found.bytes} bytes instead of ${expected.bytes}`);
    if (found.sha256 !== expected.sha256) throw damaged(place, `${name} was altered (its checksum differs)`);
  }
  return runFile;
}

/** Puts the tensors of a verified checkpoint on the backend. The caller owns them. */
export async function loadTensors(place: string): Promise<RunTensors> {
  const read = async (name: TensorFile): Promise<Params> => {
    const { tensors } = await readSafetensors(join(place, `${name}.safetensors`));
    return paramsFromHost(Object.fromEntries<HostTensor>(tensors));
  };
  return {
    params: await read('params'),
    ema: await read('ema'),
    alignment: await read('alignment'),
    optimizer: unflattenSlots(await read('optimizer')),
  };
}

function unflattenSlots(flat: Params): OptimizerState {
  const slots: Record<string, Record<string, Params[string]>> = {};
  for (const [key, tensor] of Object.entries(flat)) {
    const slash = key.indexOf('/');
    (slots[key.slice(0, slash)] ??= {})[key.slice(slash + 1)] = tensor;
  }
  return slots;
}

async function readRunText(place: string): Promise<string> {
  try {
    return await readFile(join(place, 'run.json'), 'utf8');
  } catch (cause) {
    throw new HasteError('CHECKPOINT_MISSING', {
      what: `There is no checkpoint named ${basename(place)}: its run.json cannot be read.`,
      where: place,
      fix: 'Name a run folder, or a folder under its checkpoints/.',
      cause,
    });
  }
}

function parseRunFile(place: string, text: string): RunFile {
  let parsed: RunFile;
  try {
    parsed = JSON.parse(text) as RunFile;
  } catch {
    throw damaged(place, 'run.json is truncated or not JSON');
  }
  if (parsed?.format !== 'haste-checkpoint' || parsed.version !== 1) {
    throw new HasteError('CHECKPOINT_FOREIGN', {
      what: `This is not a checkpoint that this version of Haste wrote (format ${parsed?.format ?? 'unknown'}, version ${parsed?.version ?? 'unknown'}).`,
      where: join(place, 'run.json'),
      fix: 'Use the version of Haste that wrote it.',
    });
  }
  const { checksum, ...content } = parsed;
  if (checksum !== checksumOf(content) || text !== JSON.stringify(parsed))
    throw damaged(place, 'run.json was altered (its checksum differs)');
  return parsed;
}

function damaged(place: string, detail: string): HasteError {
  return new HasteError('CHECKPOINT_DAMAGED', {
    what: `The checkpoint ${basename(place)} is damaged: ${detail}.`,
    where: place,
    fix: 'Resume from another checkpoint of the run.',
  });
}
