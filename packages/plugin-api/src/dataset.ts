import type { Rng } from '@hastejs/tensor';
import type { DataSpec } from './specs.js';

/** Host memory: pixels uint8 [B, C, H, W] and class indices [B]. */
export interface ImageBatch {
  readonly images_BCHW: Uint8Array;
  readonly labels_B: Int32Array;
}

/** A labelled image set with random access. Decoding happens off the main thread. */
export interface Dataset {
  readonly spec: DataSpec;
  /** @param rng draws for augmentation; a pure function of (seed, step), so a resumed run sees the same batch. */
  read(indices: Int32Array, rng: Rng): Promise<ImageBatch>;
  dispose(): Promise<void> | void;
}
