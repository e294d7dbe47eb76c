import { FeatureReader, cloneTaps, tensorsOf, totalRows } from '@hastejs/features';
import type {
  BatchItems,
  EncodeContext,
  TapData,
  Taps,
  TapValues,
  TeacherEncoder,
  TeacherSpec,
} from '@hastejs/plugin-api';
import type { Tensor4D } from '@hastejs/tensor';
import type { CacheFolder } from './cache-folder.js';
import { type FillContext, fillShard } from './fill.js';
import { type CachePlan, checkRoom, freeBytes } from './room.js';
import { type Inventory, bytesOf, removeDrafts, takeInventory } from './shards.js';

/** Creates and gives up the teacher whose features are kept. */
export interface LiveTeacher {
  create(): Promise<TeacherEncoder>;
  release(teacher: TeacherEncoder): Promise<void>;
}

/**
 * A teacher whose features are on disk. It answers by data item, with the numbers that the live teacher gave when the cache
 * was filled, up to the precision of the storage. The live teacher exists only while there is something to compute.
 */
export class CachedTeacher implements TeacherEncoder {
  readonly needs = 'items';
  readonly repeatable = true;
  readonly spec: TeacherSpec;
  private taps: Taps = { tokens: [], attention: [] };
  private inventory: Inventory | null = null;
  private reader: FeatureReader | null = null;

  constructor(
    private readonly cache: CacheFolder,
    private readonly live: LiveTeacher,
    /** The live teacher, where it had to be created to know its spec. */
    private existing: TeacherEncoder | null,
  ) {
    this.spec = cache.teacher;
  }

  /** Whether every feature that was planned is there. */
  get complete(): boolean {
    return this.inventory?.missing.length === 0;
  }

  /** Bytes of all features that were planned, there or not. */
  get size(): number {
    const images = totalRows(this.cache.source);
    return bytesOf([{ first: 0, count: images, tensors: tensorsOf(this.taps, this.spec) }], this.cache);
  }

  /**
   * Finds out what is to be computed for these taps, before anything is.
   * @throws HasteError DISK when there is no room for it.
   */
  async plan(taps: Taps): Promise<CachePlan> {
    this.taps = taps;
    await this.look();
    const missing = this.inventory!.missing;
    const images = totalRows(this.cache.source);
    const left = missing.reduce((sum, { count }) => sum + count, 0);
    const [bytes, free] = [bytesOf(missing, this.cache), await freeBytes(this.cache.path)];
    const plan = { teacher: this.spec.name, folder: this.cache.path, images, done: images - left, bytes, free };
    checkRoom(plan);
    return plan;
  }

  /** Computes what is missing. @returns whether everything is there now; false if it was interrupted. */
  async fill(context: FillContext): Promise<boolean> {
    await removeDrafts(this.cache);
    this.existing ??= await this.live.create();
    for (const shard of this.inventory!.missing) {
      if (!(await fillShard(this.cache, shard, this.existing, context))) return false;
    }
    await this.look();
    return this.complete;
  }

  fetch(items: BatchItems, taps: Taps): Promise<TapData> {
    return this.reader!.read(items, taps);
  }

  encode(_images_BCHW: Tensor4D, _taps: Taps, context?: EncodeContext): TapValues {
    return cloneTaps(context!.fetched!);
  }

  /** Closes the files, and the live teacher if there is one. */
  async close(): Promise<void> {
    await this.reader?.close();
    await this.giveUpLive();
  }

  dispose(): void {
    void this.close();
  }

  private async look(): Promise<void> {
    this.inventory = await takeInventory(this.cache, this.taps);
    if (!this.complete) return;
    await this.giveUpLive();
    await this.reader?.close();
    this.reader = new FeatureReader(this.inventory.tensors, this.cache.source.data.length);
  }

  private async giveUpLive(): Promise<void> {
    const teacher = this.existing;
    this.existing = null;
    if (teacher) await this.live.release(teacher);
  }
}
