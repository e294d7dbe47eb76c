import { type VitSpec, checkParameters, vitParameters } from '@hastejs/models';
import { HasteError } from '@hastejs/plugin-api';
import {
  type HostTensor,
  type Params,
  SafetensorsError,
  type SafetensorsFile,
  paramsFromHost,
  readSafetensors,
} from '@hastejs/tensor';
import { METADATA_KEY, type VitMetadata, readArchitecture, vitMetadata } from './architecture.js';

/** Only pretraining uses it. */
const UNUSED = ['mask_token'];

export interface LoadedVit {
  readonly spec: VitSpec;
  /** On the backend; the caller owns them. */
  readonly params: Params;
  readonly metadata: VitMetadata;
}

/**
 * Reads a weight file, finds out what model it holds, and checks every tensor of it before any goes to the backend.
 * @param heads instead of what the file says.
 * @throws HasteError WEIGHTS_UNREADABLE or WEIGHTS_MISMATCH
 */
export async function loadVit(path: string, heads?: number): Promise<LoadedVit> {
  const file = await readFile(path);
  const metadata = readMetadata(file, path);
  const tensors = new Map([...file.tensors].filter(([name]) => !UNUSED.includes(name)));
  const shapes = new Map([...tensors].map(([name, { shape }]) => [name, shape]));
  const spec = readArchitecture(shapes, heads ?? metadata.numHeads, path);
  const params = paramsFromHost(Object.fromEntries<HostTensor>(tensors));
  try {
    checkParameters(vitParameters(spec), params, path);
  } catch (error) {
    for (const tensor of Object.values(params)) tensor.dispose();
    throw error;
  }
  return { spec, params, metadata };
}

async function readFile(path: string): Promise<SafetensorsFile> {
  try {
    return await readSafetensors(path);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    if (!missing && !(cause instanceof SafetensorsError)) throw cause;
    throw new HasteError('WEIGHTS_UNREADABLE', {
      what: missing ? 'The weight file is not there.' : (cause as Error).message,
      where: path,
      fix: "Name a .safetensors file; relative paths start at the recipe's folder.",
      cause,
    });
  }
}

function readMetadata({ metadata }: SafetensorsFile, path: string): VitMetadata {
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
