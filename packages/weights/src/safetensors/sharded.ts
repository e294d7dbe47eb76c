// A model in several safetensors files, and the index.json that says which tensor is in which: {"weight_map": {name: file}}.
import { basename, dirname, join } from 'node:path';
import type { HostTensor } from '@hastejs/tensor';
import { FETCH_AGAIN, asUnreadable, unreadable } from '../faults.js';
import { readJsonBeside } from '../json-beside.js';
import type { WeightReader } from '../weight-file.js';
import { openSafetensors } from './single.js';

/** Opens the shards that an index names, one after the other: their headers alone are read. */
export async function openSharded(index: string): Promise<WeightReader> {
  const shardOf = await readWeightMap(index);
  const shards = new Map<string, WeightReader>();
  for (const shard of new Set(shardOf.values())) {
    const path = join(dirname(index), shard);
    const opened = await openSafetensors(path).catch((cause: unknown) => {
      throw asUnreadable(path, cause);
    });
    shards.set(shard, opened);
  }
  for (const [name, shard] of shardOf) {
    if (!shards.get(shard)!.shapes.has(name)) {
      throw unreadable(index, `The index has '${name}' in ${shard}, which does not hold it.`, FETCH_AGAIN);
    }
  }
  const ofNames = <T>(pick: (reader: WeightReader) => ReadonlyMap<string, T>): Map<string, T> =>
    new Map([...shardOf].map(([name, shard]) => [name, pick(shards.get(shard)!).get(name)!]));
  return {
    files: [index, ...[...shards.values()].flatMap(({ files }) => files)],
    shapes: ofNames(({ shapes }) => shapes),
    dtypes: ofNames(({ dtypes }) => dtypes),
    metadata: Object.assign({}, ...[...shards.values()].map(({ metadata }) => metadata)) as Record<string, string>,
    read: (names) => readFrom(shards, shardOf, names),
    close: async () => undefined,
  };
}

async function readFrom(
  shards: ReadonlyMap<string, WeightReader>,
  shardOf: ReadonlyMap<string, string>,
  names: readonly string[],
): Promise<ReadonlyMap<string, HostTensor>> {
  const tensors = new Map<string, HostTensor>();
  for (const [shard, reader] of shards) {
    const here = names.filter((name) => shardOf.get(name) === shard);
    if (here.length === 0) continue;
    for (const [name, tensor] of await reader.read(here)) tensors.set(name, tensor);
  }
  return tensors;
}

async function readWeightMap(index: string): Promise<ReadonlyMap<string, string>> {
  const json = await readJsonBeside(index);
  if (json === null) throw unreadable(index, 'The index of shards is not there.', FETCH_AGAIN);
  const map = json['weight_map'];
  const entries = typeof map === 'object' && map !== null ? Object.entries(map as Record<string, unknown>) : [];
  const fix = 'An index holds {"weight_map": {"tensor": "model-00001-of-00002.safetensors", …}}.';
  if (entries.length === 0) throw unreadable(index, 'The index of shards has no weight_map.', fix);
  return new Map(
    entries.map(([name, shard]) => {
      // A downloaded index may not send the reader anywhere else on the disk.
      const plain = typeof shard === 'string' && shard === basename(shard) && shard.endsWith('.safetensors');
      if (!plain) throw unreadable(index, `The index has '${name}' in ${JSON.stringify(shard)}.`, fix);
      return [name, shard];
    }),
  );
}
