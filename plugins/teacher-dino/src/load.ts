import { type VitSpec, checkParameters, vitParameters } from '@hastejs/models';
import { HasteError } from '@hastejs/plugin-api';
import { type HostTensor, type Params, type SafetensorsFile, paramsFromHost, readSafetensors } from '@hastejs/tensor';
import { METADATA_KEY, type VitMetadata, readArchitecture, vitMetadata } from './architecture.js';

/** Only pretraining uses it. */
const UNUSED = ['mask_token'];

/** For the released .pth files. */
const FROM_PYTORCH =
  "python -c \"import torch, safetensors.torch as s; s.save_file(torch.load('in.pth'), 'out.safetensors')\"";

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
  const tensors: Readonly<Record<string, HostTensor>> = Object.fromEntries(
    [...file.tensors].filter(([name]) => !UNUSED.includes(name)),
  );
  const shapes = new Map(Object.entries(tensors).map(([name, { shape }]) => [name, shape]));
  const spec = readArchitecture(shapes, heads ?? metadata.numHeads, path);
  checkParameters(vitParameters(spec), tensors, path);
  return { spec, params: paramsFromHost(tensors), metadata };
}

async function readFile(path: string): Promise<SafetensorsFile> {
  try {
    return await readSafetensors(path);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new HasteError('WEIGHTS_UNREADABLE', {
      what: missing ? 'The weight file is not there.' : (cause as Error).message,
      where: path,
      fix: missing
        ? "Name a .safetensors file; relative paths start at the recipe's folder."
        : `Take a whole .safetensors file. From a PyTorch file: ${FROM_PYTORCH}`,
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
