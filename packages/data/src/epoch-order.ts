import type { Rng } from '@hastejs/tensor';

/** Which images each step trains on. */
export interface EpochOrder {
  /**
   * Indices of the images of a step. Batches run on from one epoch into the next, so that no image is dropped and after n
   * epochs every image was seen n times.
   */
  indicesAt(step: number, batchSize: number): Int32Array;
}

/**
 * Epoch e is the permutation drawn at (seed, e): a step's indices are a function of (seed, step) alone, and a run resumes
 * at any step with no more state than its number.
 */
export function epochOrder(length: number, rng: Rng): EpochOrder {
  const stream = rng.stream('data-order');
  // Only a memory: a permutation of a million costs 0.2 s, and steps of one epoch follow each other.
  let kept: { readonly epoch: number; readonly order: Int32Array } | null = null;
  const orderOf = (epoch: number): Int32Array => {
    if (kept?.epoch !== epoch) kept = { epoch, order: stream.at(epoch).permutation(length) };
    return kept.order;
  };
  return {
    indicesAt(step, batchSize) {
      const first = step * batchSize;
      return Int32Array.from({ length: batchSize }, (_, i) => {
        const epoch = Math.floor((first + i) / length);
        return orderOf(epoch)[(first + i) % length]!;
      });
    },
  };
}
