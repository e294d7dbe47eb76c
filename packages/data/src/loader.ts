import { type DataSpec, HasteError, type ImageBatch } from '@hastejs/plugin-api';
import type { Rng } from '@hastejs/tensor';
import { type EpochOrder, epochOrder } from './epoch-order.js';

/** Steps read ahead: one while its predecessor trains, and one more so that a slow batch delays nobody. */
const DEPTH = 2;

/** What batches are read from: a data set, or one that gives more with them. */
export interface BatchSource<B extends ImageBatch = ImageBatch> {
  readonly spec: DataSpec;
  read(indices: Int32Array, rng: Rng): Promise<B>;
}

/**
 * The batches of a run. A batch is a function of (data set, batch size, seed, step): asking for any step gives what a run
 * from the start would have seen there. While a step trains, the next ones are read.
 */
export class Loader<B extends ImageBatch = ImageBatch> {
  private readonly order: EpochOrder;
  private readonly augment: Rng;
  /** Batches under way or ready, by step; never more than {@link DEPTH} besides the one asked for. */
  private readonly ahead = new Map<number, Promise<B>>();
  private closed = false;

  /** @throws HasteError RECIPE_INVALID if the set has fewer images than a batch. */
  constructor(
    private readonly dataset: BatchSource<B>,
    private readonly batchSize: number,
    rng: Rng,
  ) {
    const { name, length } = dataset.spec;
    if (length < batchSize) {
      throw new HasteError('RECIPE_INVALID', {
        what: `${name} has ${length} images, fewer than one batch of ${batchSize}.`,
        where: 'batchSize',
        fix: `Set batchSize to ${length} or less, or add images.`,
      });
    }
    this.order = epochOrder(length, rng);
    this.augment = rng.stream('augment');
  }

  /** The batch of a step (0-based). @throws whatever reading this batch threw; a fault in a later one waits for its turn. */
  async next(step: number): Promise<B> {
    if (this.closed) throw new Error('The loader is closed.');
    for (const old of this.ahead.keys()) if (old < step || old > step + DEPTH) this.ahead.delete(old);
    const batch = this.read(step);
    for (let later = step + 1; later <= step + DEPTH; later++) this.read(later);
    this.ahead.delete(step);
    return batch;
  }

  /** Forgets what was read ahead. The data set is its owner's to dispose. */
  async dispose(): Promise<void> {
    this.closed = true;
    this.ahead.clear();
  }

  private read(step: number): Promise<B> {
    const known = this.ahead.get(step);
    if (known) return known;
    const batch = this.dataset.read(this.order.indicesAt(step, this.batchSize), this.augment.at(step));
    // Nobody may ever ask for a batch read ahead: its fault must not count as unhandled.
    batch.catch(() => undefined);
    this.ahead.set(step, batch);
    return batch;
  }
}
