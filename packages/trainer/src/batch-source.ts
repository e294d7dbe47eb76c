import type { BatchItems, Dataset, ImageBatch } from '@hastejs/plugin-api';
import type { BatchSource } from '@hastejs/data';
import type { Alignment, FetchedTaps } from './alignment.js';

/** A batch of a data set with what the teachers keep of its images. */
export interface LoadedBatch extends ImageBatch {
  /** Absent where nothing is kept. */
  readonly fetched?: FetchedTaps | undefined;
}

/**
 * A data set whose batches bring along what teachers keep of their images, so that the loader reads it ahead as it does
 * the pixels. Once alignment is closed nothing is read any more, and what was read ahead is not handed on.
 */
export function batchSource(dataset: Dataset, alignment: Alignment | null): BatchSource<LoadedBatch> {
  return {
    spec: dataset.spec,
    read: async (indices_B, rng) => {
      const batch = await dataset.read(indices_B, rng);
      if (!alignment) return batch;
      const fetched = await alignment.fetch(itemsOf(indices_B, batch));
      return {
        ...batch,
        get fetched() {
          return alignment.isClosed ? undefined : fetched;
        },
      };
    },
  };
}

function itemsOf(indices_B: Int32Array, { variants_B }: ImageBatch): BatchItems {
  return { indices_B, variants_B: variants_B ?? new Uint8Array(indices_B.length) };
}
