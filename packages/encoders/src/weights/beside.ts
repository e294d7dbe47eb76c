// What lies beside a weight file, or in it, and says how to use it.
import { HasteError } from '@hastejs/plugin-api';
import { readSafetensorsHeader } from '@hastejs/tensor';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { channelNormalisation } from '../preprocessing/normalisation.js';
import type { WeightFile } from './weight-file.js';

export type JsonRecord = Readonly<Record<string, unknown>>;

/** What shapes cannot tell, kept as JSON under this key of a safetensors file's metadata by who trained it with Haste. */
export const METADATA_KEY = 'haste.vit';
const vitMetadata = z.strictObject({
  numHeads: z.int().positive().optional(),
  normalisation: channelNormalisation.optional(),
});
export type VitMetadata = z.output<typeof vitMetadata>;

/** Files that are read besides the weights, if they are there. */
const SIDE_FILES = {
  config: 'config.json',
  openClip: 'open_clip_config.json',
  preprocessor: 'preprocessor_config.json',
} as const;

export interface Beside {
  /** transformers' or timm's, and OpenCLIP's, whose keys are other ones. */
  readonly config: JsonRecord;
  readonly preprocessor: JsonRecord;
  readonly metadata: VitMetadata;
}

/** @throws HasteError WEIGHTS_UNREADABLE when one of them is there and is not what it should be. */
export async function readBeside(file: WeightFile): Promise<Beside> {
  const folder = dirname(file.files[0]!);
  return {
    config: {
      ...(file.config ?? (await readJson(join(folder, SIDE_FILES.config)))),
      ...(await readJson(join(folder, SIDE_FILES.openClip))),
    },
    preprocessor: await readJson(join(folder, SIDE_FILES.preprocessor)),
    metadata: await readMetadata(file.files[0]!),
  };
}

async function readJson(path: string): Promise<JsonRecord> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonRecord;
    throw new Error('it holds no JSON object');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return {};
    throw new HasteError('WEIGHTS_UNREADABLE', {
      what: `The file beside the weights cannot be read: ${message}.`,
      where: path,
      fix: 'Fetch it again, or remove it and say with options what it says.',
      cause,
    });
  }
}

async function readMetadata(path: string): Promise<VitMetadata> {
  if (!path.endsWith('.safetensors')) return {};
  const { metadata } = await readSafetensorsHeader(path);
  const text = metadata[METADATA_KEY];
  if (text === undefined) return {};
  try {
    return vitMetadata.parse(JSON.parse(text));
  } catch (cause) {
    throw new HasteError('WEIGHTS_UNREADABLE', {
      what: `The file's metadata '${METADATA_KEY}' is not what Haste writes there: ${text}`,
      where: path,
      fix: 'Write it as JSON with numHeads and normalisation, or remove it.',
      cause,
    });
  }
}
