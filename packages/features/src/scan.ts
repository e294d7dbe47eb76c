import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HasteError } from '@hastejs/plugin-api';
import { type SafetensorsHeader, type TensorEntry, readSafetensorsHeader } from '@hastejs/tensor';
import { type FeatureMetadata, METADATA_KEY, featureMetadata } from './format.js';

/** The header of one file of features. */
export interface FeatureFile {
  readonly path: string;
  readonly metadata: FeatureMetadata;
  readonly entries: readonly TensorEntry[];
  readonly dataStart: number;
}

/**
 * Reads the header of a file of features, or of every safetensors file in a folder, in the order of their names.
 * @throws HasteError WEIGHTS_UNREADABLE when there is nothing, or one of them is truncated or holds something else.
 */
export async function scanFeatures(path: string): Promise<FeatureFile[]> {
  const found = await stat(path).catch(() => null);
  if (!found) throw unreadable(path, 'There is no file or folder of features.');
  if (!found.isDirectory()) return [await readFeatureHeader(path)];
  const names = (await readdir(path)).filter((name) => name.endsWith('.safetensors')).sort();
  if (names.length === 0) throw unreadable(path, 'The folder holds no .safetensors file.');
  const files: FeatureFile[] = [];
  for (const name of names) files.push(await readFeatureHeader(join(path, name)));
  return files;
}

/** @throws HasteError WEIGHTS_UNREADABLE */
export async function readFeatureHeader(path: string): Promise<FeatureFile> {
  const header = await readHeader(path);
  return { path, metadata: parseMetadata(path, header.metadata), entries: header.entries, dataStart: header.dataStart };
}

async function readHeader(path: string): Promise<SafetensorsHeader> {
  try {
    return await readSafetensorsHeader(path);
  } catch (cause) {
    throw unreadable(path, (cause as Error).message, cause);
  }
}

function parseMetadata(path: string, metadata: Readonly<Record<string, string>>): FeatureMetadata {
  const text = metadata[METADATA_KEY];
  if (text === undefined) throw unreadable(path, `Its metadata has no '${METADATA_KEY}'.`);
  try {
    return featureMetadata.parse(JSON.parse(text));
  } catch (cause) {
    throw unreadable(path, `Its metadata '${METADATA_KEY}' is not what Haste reads there: ${text}`, cause);
  }
}

function unreadable(where: string, what: string, cause?: unknown): HasteError {
  return new HasteError('WEIGHTS_UNREADABLE', {
    what,
    where,
    fix: 'Name a whole .safetensors file of features or a folder of them; docs/teacher-cache.md describes the format.',
    ...(cause !== undefined && { cause }),
  });
}
