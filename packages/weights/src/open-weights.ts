import { HasteError, contentFingerprint } from '@hastejs/plugin-api';
import type { HostTensor } from '@hastejs/tensor';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { asUnreadable, unreadable } from './faults.js';
import { readJsonBeside } from './json-beside.js';
import { type ChosenFile, chooseFile } from './choose-file.js';
import { openCheckpoint } from './pytorch/open-checkpoint.js';
import { openSharded } from './safetensors/sharded.js';
import { openSafetensors } from './safetensors/single.js';
import type { OpenWeights, WeightFile, WeightReader } from './weight-file.js';

/**
 * Opens weights: a `.safetensors` file, the index of a sharded model, a PyTorch checkpoint (`.pth`, `.pt`, `.bin`, whatever
 * its name: what counts is how it begins), or a folder that holds one of them. No tensor is read, and nothing that the file holds is
 * run.
 * @throws HasteError WEIGHTS_UNREADABLE when it is missing, cut, inconsistent, or holds anything but tensors and plain data.
 */
export async function openWeights(path: string, options: OpenWeights = {}): Promise<WeightFile> {
  try {
    const reader = await openFile(await chooseFile(path), options);
    try {
      return await describe(path, reader, options);
    } catch (error) {
      await reader.close();
      throw error;
    }
  } catch (cause) {
    throw asUnreadable(path, cause);
  }
}

async function openFile({ path, kind }: ChosenFile, { entry }: OpenWeights): Promise<WeightReader> {
  if (kind === 'pytorch') return openCheckpoint(path, entry);
  if (entry === undefined) return kind === 'index' ? openSharded(path) : openSafetensors(path);
  throw unreadable(path, `A safetensors file holds one set of tensors, and no entry '${entry}'.`, 'Leave entry out.');
}

async function describe(path: string, reader: WeightReader, { entry }: OpenWeights): Promise<WeightFile> {
  const { files, shapes, dtypes, metadata } = reader;
  return {
    path,
    files,
    shapes,
    dtypes,
    metadata,
    config: await readJsonBeside(join(dirname(files[0]!), 'config.json')),
    read: (names) => readChecked(path, reader, [...new Set(names)]),
    fingerprint: () => fingerprintOf(files, entry),
    close: () => reader.close(),
  };
}

async function readChecked(
  path: string,
  reader: WeightReader,
  names: readonly string[],
): Promise<Readonly<Record<string, HostTensor>>> {
  const missing = names.filter((name) => !reader.shapes.has(name));
  if (missing.length > 0) {
    throw new HasteError('WEIGHTS_MISMATCH', {
      what: `The weights have no tensor ${missing.map((name) => `'${name}'`).join(', ')}.`,
      where: path,
      fix: `They hold ${reader.shapes.size} tensors; take weights of the model that is meant.`,
    });
  }
  try {
    return Object.fromEntries(await reader.read(names));
  } catch (cause) {
    throw asUnreadable(path, cause);
  }
}

async function fingerprintOf(files: readonly string[], entry: string | undefined): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${await contentFingerprint(file)}\n`);
  if (entry !== undefined) hash.update(`entry ${entry}\n`);
  return hash.digest('hex');
}
