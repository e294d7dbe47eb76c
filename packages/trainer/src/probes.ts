import { HasteError } from '@hastejs/plugin-api';
import type { Rng } from '@hastejs/tensor';
import type { BatchSource } from '@hastejs/data';
import type { LoadedBatch } from './batch-source.js';
import { type DrawRecipe, disposeBatch, drawBatch } from './draws.js';
import type { TrainingBatch } from './objective.js';

/** What probe sets are drawn from. */
export interface ProbeSource {
  readonly source: BatchSource<LoadedBatch>;
  readonly draws: DrawRecipe;
  readonly batchSize: number;
  readonly rng: Rng;
}

/**
 * The batches of a probe set of `count` images: the same images in the same order with the same noise at every measurement,
 * also of a resumed run, and every label as it is. A function of (data set, batch size, seed, count). One batch is alive at
 * a time.
 * @throws HasteError EXTENSION_OPTIONS when the data set is smaller.
 */
export async function* probeBatches(
  { source, draws, batchSize, rng }: ProbeSource,
  count: number,
): AsyncGenerator<TrainingBatch, void, void> {
  const { name, length } = source.spec;
  if (count > length) {
    throw new HasteError('EXTENSION_OPTIONS', {
      what: `A metric asks for a probe set of ${count} images, and ${name} has ${length}.`,
      where: 'images',
      fix: `Ask for ${length} images or fewer.`,
    });
  }
  const stream = rng.stream('probe');
  const indices = stream.stream('images').permutation(length).subarray(0, count);
  for (let from = 0, number = 0; from < count; from += batchSize, number++) {
    const loaded = await source.read(indices.slice(from, from + batchSize), stream.stream('augment').at(number));
    const batch = drawBatch({ ...draws, labelDropout: 0 }, loaded, stream, number);
    try {
      yield batch;
    } finally {
      disposeBatch(batch);
    }
  }
}
