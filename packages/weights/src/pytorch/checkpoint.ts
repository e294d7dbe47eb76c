import type { Storage } from './values.js';

/** Where a storage's elements are in the file. */
export interface Place {
  readonly position: number;
  readonly size: number;
}

/** What was saved, and where its storages are: the same for all formats of torch.save. */
export interface Checkpoint {
  readonly root: unknown;
  /** Bytes that the file has of a storage, or null when it has none: known without reading. */
  sizeOf(storage: Storage): number | null;
  /** @throws CheckpointError */
  locate(storage: Storage): Promise<Place>;
}
