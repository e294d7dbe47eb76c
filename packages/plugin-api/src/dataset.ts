import type { Rng } from '@hastejs/tensor';
import type { DataSpec } from './specs.js';

/** Host memory: pixels uint8 [B, C, H, W] and class indices [B]. */
export interface ImageBatch {
  readonly images_BCHW: Uint8Array;
  readonly labels_B: Int32Array;
  /** Which of the spec's variants each row came out as; absent: the first. */
  readonly variants_B?: Uint8Array;
}

/** Which data item, in which variant, every row of a batch is. */
export interface BatchItems {
  /** 0-based, below `spec.length`. */
  readonly indices_B: Int32Array;
  /** Index among `spec.variants`. */
  readonly variants_B: Uint8Array;
}

/** A labelled image set with random access. Decoding happens off the main thread. */
export interface Dataset {
  readonly spec: DataSpec;
  /** @param rng draws for augmentation; a pure function of (seed, step), so a resumed run sees the same batch. */
  read(indices: Int32Array, rng: Rng): Promise<ImageBatch>;
  /** The images in the variants named, without a draw. A set whose spec names several variants has it. */
  readItems?(items: BatchItems): Promise<ImageBatch>;
  dispose(): Promise<void> | void;
}
