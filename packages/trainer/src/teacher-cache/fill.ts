// B batch, C channels, H height, W width.
import { keysName, queriesName, tokensName, writeFeatures } from '@hastejs/features';
import type { BatchItems, Dataset, ImageBatch, Taps, TeacherEncoder } from '@hastejs/plugin-api';
import { type SafetensorsDraft, type Tensor, rng, tf } from '@hastejs/tensor';
import { pixelTensor } from '../draws.js';
import type { Compute } from '../precision.js';
import type { CacheFolder } from './cache-folder.js';
import { keepable } from './keepable.js';
import { type MissingShard, shardMetadata, shardPath } from './shards.js';

export interface FillContext {
  readonly dataset: Dataset;
  /** Images at once. That of the training gives the training's own numbers: some backends' depend on it in the last bit. */
  readonly batchSize: number;
  readonly compute: Compute;
  readonly signal?: AbortSignal | undefined;
  /** Told after every batch how many rows it added. */
  readonly advanced: (rows: number) => void;
}

/**
 * Computes a shard of features, batch by batch, straight onto the disk. Its files get their names together at the end.
 * @returns false if it was interrupted; then nothing of the shard is left.
 * @throws HasteError EXTENSION_FAILED for features that are not finite, RECIPE_INVALID for those that the storage cannot hold;
 * the file system's error.
 */
export async function fillShard(
  cache: CacheFolder,
  shard: MissingShard,
  teacher: TeacherEncoder,
  context: FillContext,
): Promise<boolean> {
  const drafts = new Map<string, SafetensorsDraft>();
  try {
    for (const tensor of shard.tensors) {
      const path = shardPath(cache, tensor, shard);
      drafts.set(
        tensor.name,
        await writeFeatures(path, tensor, shard.count, cache.key.storage, shardMetadata(cache, shard)),
      );
    }
    const taps = tapsOf(shard);
    const { batchSize, dataset, signal } = context;
    let ahead = readRows(dataset, shard, 0, batchSize);
    for (let done = 0; done < shard.count; done += batchSize) {
      if (signal?.aborted) return false;
      const images = await ahead;
      // Decoding the next batch goes on while this one is encoded.
      if (done + batchSize < shard.count) ahead = readRows(dataset, shard, done + batchSize, batchSize);
      const rows = Math.min(batchSize, shard.count - done);
      await append(drafts, encode(teacher, images, taps, context), rows, cache);
      context.advanced(rows);
    }
    for (const draft of drafts.values()) await draft.finish();
    return true;
  } finally {
    for (const draft of drafts.values()) await draft.abandon();
  }
}

/** The sites of which any tensor is missing. */
function tapsOf({ tensors }: MissingShard): Taps {
  const names = tensors.map(({ name }) => name);
  const blocks = [...new Set(names.map((name) => Number(name.split('.')[1])).filter((block) => !Number.isNaN(block)))];
  return {
    tokens: [...blocks, 'final' as const].filter((site) => names.includes(tokensName(site))),
    attention: blocks.filter((block) => names.includes(queriesName(block)) || names.includes(keysName(block))),
  };
}

/** A whole batch from a row of the shard on; past its end it begins again, so that every batch has the same size. */
function readRows(dataset: Dataset, { first, count }: MissingShard, from: number, size: number): Promise<ImageBatch> {
  const { length } = dataset.spec;
  const rows_B = Array.from({ length: size }, (_, b) => first + ((from + b) % count));
  const items: BatchItems = {
    indices_B: Int32Array.from(rows_B, (row) => row % length),
    variants_B: Uint8Array.from(rows_B, (row) => Math.floor(row / length)),
  };
  // Without variants there is nothing to draw.
  const batch = dataset.readItems ? dataset.readItems(items) : dataset.read(items.indices_B, rng(0));
  // One that was read for nothing must not count as unhandled.
  batch.catch(() => undefined);
  return batch;
}

/** The features of a batch by tensor name. */
function encode(
  teacher: TeacherEncoder,
  batch: ImageBatch,
  taps: Taps,
  { dataset, compute }: FillContext,
): Map<string, Tensor> {
  const found = new Map<string, Tensor>();
  compute(() =>
    tf.tidy(() => {
      const { tokens, attention } = teacher.encode(pixelTensor(dataset.spec.image, batch), taps);
      for (const site of taps.tokens) found.set(tokensName(site), tokens.get(site)!);
      for (const block of taps.attention) {
        const { q_BHTd, k_BHTd } = attention.get(block)!;
        found.set(queriesName(block), q_BHTd).set(keysName(block), k_BHTd);
      }
      return [...found.values()];
    }),
  );
  return found;
}

async function append(
  drafts: ReadonlyMap<string, SafetensorsDraft>,
  tensors: ReadonlyMap<string, Tensor>,
  rows: number,
  { teacher, key: { storage } }: CacheFolder,
): Promise<void> {
  try {
    for (const [name, draft] of drafts) {
      const tensor = tensors.get(name)!;
      const values = (await tensor.data()) as Float32Array;
      const own = values.subarray(0, (values.length / tensor.shape[0]!) * rows);
      await draft.append(keepable(own, name, { teacher: teacher.name, storage }));
    }
  } finally {
    tf.dispose([...tensors.values()]);
  }
}
