import { type HostTensor, type TensorEntry, readSafetensors, readSafetensorsHeader } from '@hastejs/tensor';
import { unreadable } from '../faults.js';
import type { WeightReader } from '../weight-file.js';

/** One safetensors file. It is not held open: every read opens it and holds its header against its size again. */
export async function openSafetensors(path: string): Promise<WeightReader> {
  const { entries, metadata } = await readSafetensorsHeader(path);
  return {
    files: [path],
    shapes: new Map(entries.map(({ name, shape }) => [name, shape])),
    dtypes: new Map(entries.map(({ name, dtype }) => [name, dtype])),
    metadata,
    read: (names) => readWanted(path, entries, new Set(names)),
    close: async () => undefined,
  };
}

async function readWanted(
  path: string,
  entries: readonly TensorEntry[],
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, HostTensor>> {
  const { tensors } = await readSafetensors(path, wanted);
  for (const { name, dtype, shape } of entries.filter((entry) => wanted.has(entry.name))) {
    const tensor = tensors.get(name);
    if (tensor?.dtype === dtype && String(tensor.shape) === String(shape)) continue;
    throw unreadable(path, `The file was replaced while it was in use: its '${name}' is another.`, 'Start again.');
  }
  return tensors;
}
