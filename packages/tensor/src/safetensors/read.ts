import { type FileHandle, open } from 'node:fs/promises';
import { LENGTH_BYTES, MAX_HEADER_BYTES, SafetensorsError, type TensorEntry, parseHeader } from './header.js';
import { DTYPES, type HostTensor } from './host-tensor.js';

export interface SafetensorsFile {
  readonly metadata: Readonly<Record<string, string>>;
  /** By name, in the file's order. */
  readonly tensors: ReadonlyMap<string, HostTensor>;
}

/**
 * Reads a safetensors file into host memory, one tensor at a time.
 * @param wanted names of the tensors that are read; those that the file lacks are left out. Default: all.
 * @throws SafetensorsError naming the file and the tensor when the file is truncated, altered or of another kind; the
 * file system's error when it cannot be opened.
 */
export async function readSafetensors(path: string, wanted?: ReadonlySet<string>): Promise<SafetensorsFile> {
  const file = await open(path, 'r');
  try {
    const { metadata, entries, dataStart } = await readHeader(file, path);
    const tensors = new Map<string, HostTensor>();
    for (const entry of entries) {
      if (wanted?.has(entry.name) ?? true) tensors.set(entry.name, await readTensor(file, path, dataStart, entry));
    }
    return { metadata, tensors };
  } finally {
    await file.close();
  }
}

/** What a file holds, without its data. */
export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  readonly entries: readonly TensorEntry[];
  /** Where in the file the entries' byte ranges start. */
  readonly dataStart: number;
}

/** Reads the header alone and holds it against the file's size. @throws as {@link readSafetensors} */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsHeader> {
  const file = await open(path, 'r');
  try {
    return await readHeader(file, path);
  } finally {
    await file.close();
  }
}

async function readHeader(file: FileHandle, path: string): Promise<SafetensorsHeader> {
  const { size } = await file.stat();
  const headerBytes = await readLength(file, path, size);
  const text = new TextDecoder().decode(await readBytes(file, path, LENGTH_BYTES, headerBytes));
  const dataStart = LENGTH_BYTES + headerBytes;
  return { ...parseHeader(path, text, size - dataStart), dataStart };
}

async function readLength(file: FileHandle, path: string, size: number): Promise<number> {
  if (size < LENGTH_BYTES)
    throw new SafetensorsError(path, `it has only ${size} bytes: not a safetensors file, or a truncated one.`);
  const length = new DataView(await readBytes(file, path, 0, LENGTH_BYTES)).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES))
    throw new SafetensorsError(path, 'it does not begin with a header length: not a safetensors file.');
  if (LENGTH_BYTES + Number(length) > size) {
    throw new SafetensorsError(path, `its header needs ${length} bytes, but the file has ${size}: it is truncated.`);
  }
  return Number(length);
}

async function readTensor(file: FileHandle, path: string, dataStart: number, entry: TensorEntry): Promise<HostTensor> {
  const buffer = await readBytes(file, path, dataStart + entry.begin, entry.end - entry.begin);
  return { dtype: entry.dtype, shape: entry.shape, data: DTYPES[entry.dtype].view(buffer) };
}

/** A fresh buffer, so that every tensor is aligned for its type and holds no other tensor alive. */
async function readBytes(file: FileHandle, path: string, position: number, length: number): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(bytes, done, Math.min(length - done, 2 ** 30), position + done);
    if (bytesRead === 0) throw new SafetensorsError(path, `it ended at byte ${position + done} while being read.`);
    done += bytesRead;
  }
  return bytes.buffer;
}
