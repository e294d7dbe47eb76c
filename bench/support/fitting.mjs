// Whether a batch of so many rows fits into memory: found by taking steps with it.
import { tf } from '@hastejs/tensor';
import { disposeBatch } from '@hastejs/trainer';
import { givenBatch } from './given-batch.mjs';

/** Two that are recorded, one that is repeated, one whose repetition becomes a graph, and one that launches it. */
const STEPS = 6;

export class Fitting {
  /** The batch that fitted last; null: the run draws its own. */
  batch = null;

  /**
   * @param take takes a step with a batch.
   * @param limit rows above which memory counts as out, to try the search where there is plenty.
   */
  constructor(folder, take, backend, limit = Infinity) {
    Object.assign(this, { folder, take, backend, limit });
  }

  /** @returns {Promise<{ fits: boolean, reason?: string }>} afterwards steps are taken with this batch, if it fits. */
  async fit(rows) {
    this.#release();
    try {
      this.batch = await givenBatch(this.folder, rows);
      if (rows > this.limit) throw new Error(`Out of memory, as was agreed: ${rows} rows are more than ${this.limit}.`);
      const losses = [];
      for (let i = 0; i < STEPS; i++) losses.push(await this.take(this.batch));
      const { torch } = tf.backend();
      torch?.addon.resetPeak(torch.device);
      return { fits: true, losses };
    } catch (error) {
      if (!/memory/i.test(error.message)) throw error;
      this.#release();
      return { fits: false, reason: error.message.split('\n')[0] };
    }
  }

  #release() {
    if (this.batch) disposeBatch(this.batch);
    this.batch = null;
    this.backend.trim?.();
  }
}
