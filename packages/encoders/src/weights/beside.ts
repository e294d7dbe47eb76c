// What lies beside a weight file, or in it, and says how to use it.
import { HasteError } from '@hastejs/plugin-api';
import { type JsonRecord, type WeightFile, readJsonBeside } from '@hastejs/weights';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { channelNormalisation } from '../preprocessing/normalisation.js';

/** What shapes cannot tell, kept as JSON under this key of a safetensors file's metadata by who trained it with Haste. */
export const METADATA_KEY = 'haste.vit';
const vitMetadata = z.strictObject({
  numHeads: z.int().positive().optional(),
  normalisation: channelNormalisation.optional(),
});
export type VitMetadata = z.output<typeof vitMetadata>;

/** Files that are read besides the weights, if they are there. */
const SIDE_FILES = {
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
  const read = async (name: string): Promise<JsonRecord> => (await readJsonBeside(join(folder, name))) ?? {};
  return {
    config: { ...file.config, ...(await read(SIDE_FILES.openClip)) },
    preprocessor: await read(SIDE_FILES.preprocessor),
    metadata: readMetadata(file),
  };
}

function readMetadata({ metadata, path }: WeightFile): VitMetadata {
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
