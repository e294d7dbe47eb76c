import { HasteError } from '@hastejs/plugin-api';
import { type Rng, type Tensor, tf } from '@hastejs/tensor';
import type { BatchSource } from '@hastejs/data';
import type { LoadedBatch } from './batch-source.js';
import { type DrawRecipe, disposeBatch, drawBatch } from './draws.js';
import type { TrainingBatch } from './objective.js';
import { mapTaps } from './tap-pairs.js';

/** What probe sets are drawn from. */
export interface ProbeSource {
  readonly source: BatchSource<LoadedBatch>;
  readonly draws: DrawRecipe;
  readonly batchSize: number;
  readonly rng: Rng;
}

/** A batch with its labels on the host too. */
export interface LabelledBatch {
  readonly batch: TrainingBatch;
  readonly labels_B: Int32Array;
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
): AsyncGenerator<LabelledBatch, void, void> {
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
      yield { batch, labels_B: loaded.labels_B };
    } finally {
      disposeBatch(batch);
    }
  }
}

/**
 * The same batch in parts of at most `most` images, one alive at a time: what a part is of, is drawn as a whole, so that
 * its size decides no number.
 */
export function* partsOf(whole: LabelledBatch, most: number): Generator<LabelledBatch, void, void> {
  const B = whole.labels_B.length;
  if (B <= most) return yield whole;
  for (let from = 0; from < B; from += most) {
    const size = Math.min(most, B - from);
    const batch = sliceBatch(whole.batch, from, size);
    try {
      yield { batch, labels_B: whole.labels_B.subarray(from, from + size) };
    } finally {
      disposeBatch(batch);
    }
  }
}

function sliceBatch({ fetched, ...own }: TrainingBatch, from: number, size: number): TrainingBatch {
  const slice = <T extends Tensor>(x: T): T => tf.slice(x, from, size);
  const tensors = Object.entries(own).map(([name, x]: [string, Tensor]) => [name, slice(x)]);
  const sliced = Object.fromEntries(tensors) as Omit<TrainingBatch, 'fetched'>;
  if (!fetched) return sliced;
  return { ...sliced, fetched: new Map([...fetched].map(([teacher, taps]) => [teacher, mapTaps(taps, slice)])) };
}
