import type { HostTensor } from '@hastejs/tensor';
import { FETCH_AGAIN, unreadable } from '../faults.js';
import type { WeightReader } from '../weight-file.js';
import { openArchive } from './archive.js';
import type { Checkpoint } from './checkpoint.js';
import { FileBytes } from './file-bytes.js';
import { gather } from './gather.js';
import { type StateDict, findStateDict } from './state-dict.js';
import { checkView, spanOf } from './stored-tensor.js';
import { isStream, openStream } from './stream.js';
import { CheckpointError, type Storage, type StoredTensor } from './values.js';
import { isZip } from './zip.js';

/**
 * A file of torch.save or torch.jit.save as named tensors. Nothing in it is run: its pickle is read as data, and names of a short
 * list are understood. All views are held against their storages, and all storages against the file, before any is read.
 * @param entry which of its state dicts (see findStateDict).
 * @throws HasteError WEIGHTS_UNREADABLE naming what else it holds, or how it is damaged.
 */
export async function openCheckpoint(path: string, entry?: string): Promise<WeightReader> {
  const file = await FileBytes.open(path);
  try {
    const checkpoint = await openFormat(file);
    const tensors = findStateDict(checkpoint.root, entry);
    for (const [name, tensor] of tensors) checkTensor(name, tensor, checkpoint);
    return {
      files: [path],
      shapes: new Map([...tensors].map(([name, { shape }]) => [name, shape])),
      dtypes: new Map([...tensors].map(([name, { type }]) => [name, type.dtype])),
      metadata: {},
      read: (names) => explained(path, () => readTensors(file, checkpoint, tensors, names)),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw explain(path, error);
  }
}

async function openFormat(file: FileBytes): Promise<Checkpoint> {
  if (await isZip(file)) return openArchive(file);
  if (await isStream(file)) return openStream(file);
  throw new CheckpointError('it begins like neither safetensors nor a file of torch.save');
}

function checkTensor(name: string, tensor: StoredTensor, checkpoint: Checkpoint): void {
  const { storage } = tensor;
  const there = checkpoint.sizeOf(storage);
  if (there === null) throw new CheckpointError(`the storage ${storage.key} of its tensor '${name}' is missing`);
  if (there < storage.bytes) {
    throw new CheckpointError(
      `the storage ${storage.key} of its tensor '${name}' should have ${storage.bytes} bytes and has ${there}`,
    );
  }
  checkView(name, tensor);
}

/** Storage by storage, so that one that several tensors share is read once; and of it only what the tensors cover. */
async function readTensors(
  file: FileBytes,
  checkpoint: Checkpoint,
  tensors: StateDict,
  names: readonly string[],
): Promise<ReadonlyMap<string, HostTensor>> {
  const byStorage = new Map<string, { storage: Storage; views: [string, StoredTensor][] }>();
  for (const name of names) {
    const tensor = tensors.get(name)!;
    const { storage } = tensor;
    const group = byStorage.get(storage.key) ?? { storage, views: [] };
    group.views.push([name, tensor]);
    byStorage.set(storage.key, group);
  }
  const read = new Map<string, HostTensor>();
  for (const { storage, views } of byStorage.values()) {
    const ranges = views.map(([, tensor]) => rangeOf(tensor));
    const begin = ranges.reduce((least, range) => Math.min(least, range.begin), Infinity);
    const end = ranges.reduce((most, range) => Math.max(most, range.end), 0);
    const { position } = await checkpoint.locate(storage);
    const bytes = await file.read(position + begin, end - begin);
    views.forEach(([name, tensor], i) => {
      const range = ranges[i]!;
      // Most storages have one tensor, which takes what was read as it is.
      const own = views.length === 1 ? bytes : bytes.slice(range.begin - begin, range.end - begin);
      read.set(name, gather(tensor, own.buffer));
    });
  }
  return read;
}

/** Bytes of its storage that a view covers. */
function rangeOf(tensor: StoredTensor): { begin: number; end: number } {
  const { first, end } = spanOf(tensor);
  const { bytes } = tensor.type;
  return { begin: first * bytes, end: end * bytes };
}

async function explained<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw explain(path, error);
  }
}

const SAVE_AGAIN =
  "Haste reads checkpoints without running anything in them. In Python: torch.save(model.state_dict(), 'weights.pth'), or safetensors.torch.save_file.";

function explain(path: string, error: unknown): unknown {
  if (!(error instanceof CheckpointError)) return error;
  const { foreign, message } = error;
  const fix = !foreign ? FETCH_AGAIN : message.includes('option entry') ? 'Say which is meant.' : SAVE_AGAIN;
  return unreadable(path, `The checkpoint cannot be used: ${message}.`, fix, error);
}
