import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { formatHeader } from './header.js';
import { DTYPES, type HostTensor } from './host-tensor.js';

/**
 * Writes a safetensors file that PyTorch and Hugging Face read. The same tensors give the same bytes. It is written
 * beside `path`, synced and renamed, so that a file under `path` is whole whatever happens.
 * @throws Error naming the first tensor whose data does not fit its shape or dtype; the file system's error otherwise.
 */
export async function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, HostTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  for (const [name, tensor] of Object.entries(tensors)) checkTensor(name, tensor);
  const { bytes, names } = formatHeader(tensors, metadata);
  const draft = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(draft, 'w');
    try {
      await writeBytes(file, bytes);
      for (const name of names) await writeBytes(file, bytesOf(tensors[name]!));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

function checkTensor(name: string, { dtype, shape, data }: HostTensor): void {
  const size = shape.reduce((product, length) => product * length, 1);
  const { array } = DTYPES[dtype];
  if (data.length === size && data.constructor.name === array) return;
  throw new Error(
    `Tensor '${name}': ${dtype} of shape [${shape.join(', ')}] needs a ${array} of ${size}, not a ${data.constructor.name} of ${data.length}.`,
  );
}

const bytesOf = ({ data }: HostTensor): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

async function writeBytes(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, Math.min(bytes.length - done, 2 ** 30));
    done += bytesWritten;
  }
}

/** A rename survives a power cut only once its folder is synced. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
