import { rm, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  type FeatureMetadata,
  type FeatureTensor,
  STORAGES,
  type Segment,
  type StoredTensor,
  readFeatureHeader,
  tensorsOf,
  totalRows,
} from '@hastejs/features';
import type { Taps } from '@hastejs/plugin-api';
import { bytesOfShape } from '@hastejs/tensor';
import type { CacheFolder } from './cache-folder.js';

/** Rows [first, first + count) of a cache, a file for each tensor. */
export interface Shard {
  readonly first: number;
  readonly count: number;
}

/** A shard and the tensors of it that are not there. */
export interface MissingShard extends Shard {
  readonly tensors: readonly FeatureTensor[];
}

/** What a cache holds of the taps wanted. */
export interface Inventory {
  readonly missing: readonly MissingShard[];
  /** Where everything is, for reading; whole only when nothing is missing. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** Looks at the header of every shard of the taps wanted. What is damaged or of something else counts as missing. */
export async function takeInventory(cache: CacheFolder, taps: Taps): Promise<Inventory> {
  const wanted = tensorsOf(taps, cache.teacher);
  const dtype = STORAGES[cache.key.storage];
  const segments = new Map<string, Segment[]>(wanted.map(({ name }) => [name, []]));
  const missing: MissingShard[] = [];
  for (const shard of shardsOf(cache)) {
    const found = await Promise.all(wanted.map((tensor) => findShard(cache, tensor, shard)));
    found.forEach((segment, i) => segment && segments.get(wanted[i]!.name)!.push(segment));
    const tensors = wanted.filter((_, i) => !found[i]);
    if (tensors.length > 0) missing.push({ ...shard, tensors });
  }
  const tensors = wanted.map(({ name, row }) => [name, { dtype, row, segments: segments.get(name)! }] as const);
  return { missing, tensors: new Map(tensors) };
}

/** Bytes that are still to be written. */
export function bytesOf(missing: readonly MissingShard[], { key }: CacheFolder): number {
  const dtype = STORAGES[key.storage];
  const bytes = missing.flatMap(({ count, tensors }) => tensors.map(({ row }) => bytesOfShape(dtype, [count, ...row])));
  return bytes.reduce((sum, each) => sum + each, 0);
}

export function shardPath(cache: CacheFolder, { name }: FeatureTensor, { first }: Shard): string {
  const five = (n: number): string => String(n).padStart(5, '0');
  const [number, all] = [first / cache.rowsPerShard + 1, Math.ceil(totalRows(cache.source) / cache.rowsPerShard)];
  return join(cache.path, `${name}-${five(number)}-of-${five(all)}.safetensors`);
}

export const shardMetadata = ({ source }: CacheFolder, { first }: Shard): FeatureMetadata => ({
  version: 1,
  ...source,
  first,
});

/** Removes what processes that are gone left half-written. */
export async function removeDrafts({ path }: CacheFolder): Promise<void> {
  for (const name of await readdir(path)) {
    const pid = /\.(\d+)\.tmp$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(path, name), { force: true });
  }
}

function* shardsOf({ source, rowsPerShard }: CacheFolder): Generator<Shard> {
  const rows = totalRows(source);
  for (let first = 0; first < rows; first += rowsPerShard) {
    yield { first, count: Math.min(rowsPerShard, rows - first) };
  }
}

async function findShard(cache: CacheFolder, tensor: FeatureTensor, shard: Shard): Promise<Segment | null> {
  const path = shardPath(cache, tensor, shard);
  const header = await readFeatureHeader(path).catch(() => null);
  if (!header) return null;
  // The data set's name is for people.
  const own = (metadata: FeatureMetadata) => ({ ...metadata, data: { ...metadata.data, name: '' } });
  if (!isDeepStrictEqual(own(header.metadata), own(shardMetadata(cache, shard)))) return null;
  const [entry] = header.entries;
  const shape = [shard.count, ...tensor.row];
  const fits = entry?.name === tensor.name && entry.dtype === STORAGES[cache.key.storage];
  if (!fits || !isDeepStrictEqual(entry.shape, shape)) return null;
  return { path, start: header.dataStart + entry.begin, first: shard.first, count: shard.count };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
