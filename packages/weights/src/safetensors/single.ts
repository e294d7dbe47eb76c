import { readSafetensors, readSafetensorsHeader } from '@hastejs/tensor';
import type { WeightReader } from '../weight-file.js';

/** One safetensors file. It is not held open: every read opens it and holds its header against its size again. */
export async function openSafetensors(path: string): Promise<WeightReader> {
  const { entries, metadata } = await readSafetensorsHeader(path);
  return {
    files: [path],
    shapes: new Map(entries.map(({ name, shape }) => [name, shape])),
    dtypes: new Map(entries.map(({ name, dtype }) => [name, dtype])),
    metadata,
    read: async (names) => (await readSafetensors(path, new Set(names))).tensors,
    close: async () => undefined,
  };
}
