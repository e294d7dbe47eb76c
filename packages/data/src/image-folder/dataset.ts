import { basename, join } from 'node:path';
import type { BatchItems, DataSpec, Dataset, ImageBatch, Notices } from '@hastejs/plugin-api';
import type { Rng } from '@hastejs/tensor';
import { checkIndices } from '../check-indices.js';
import { DecodePool } from '../decode/pool.js';
import { DecodeError } from '../decode/thread.js';
import { damagedImage, plural, ruinedClass, unreadableFile } from './errors.js';
import { imageFolderFingerprint } from './fingerprint.js';
import { flipRows } from './flip-rows.js';
import { type ImageFolderOptions, defaultWorkers } from './options.js';
import { PixelCache } from './pixel-cache.js';
import { nextOfClass } from './replace.js';
import type { Scan } from './scan.js';
import { type Fault, byCodeUnit } from './walk.js';

/** Index of the variant among the spec's. */
const MIRRORED = 1;

/** Images of a folder, decoded when asked for. Made by `openImageFolder`, after the scan. */
export class ImageFolderDataset implements Dataset {
  readonly spec: DataSpec;
  private readonly pool: DecodePool;
  private readonly cache: PixelCache;
  /** Damage found while decoding, by index: why. */
  private readonly damaged = new Map<number, string>();

  constructor(
    private readonly root: string,
    private readonly options: ImageFolderOptions,
    private readonly scan: Scan,
    private readonly notices: Notices,
  ) {
    const { size, channels, workers = defaultWorkers(), cacheMiB } = options;
    this.spec = {
      name: `image folder ${basename(root)}`,
      length: scan.files.length,
      classes: scan.classes,
      image: { channels, height: size, width: size },
      fingerprint: imageFolderFingerprint(scan.files, options),
      variants: options.flip ? ['plain', 'mirrored'] : ['plain'],
    };
    this.pool = new DecodePool({ size, channels }, workers);
    this.cache = new PixelCache(cacheMiB * 2 ** 20);
  }

  /** Every file left out so far: at the scan, or replaced because it turned out damaged. Sorted by path. */
  get skipped(): readonly Fault[] {
    const late = [...this.damaged].map(([index, reason]) => ({ path: this.scan.files[index]!.path, reason }));
    return [...this.scan.faults, ...late].sort((a, b) => byCodeUnit(a.path, b.path));
  }

  read(indices: Int32Array, rng: Rng): Promise<ImageBatch> {
    const variants_B = new Uint8Array(indices.length);
    if (this.options.flip) {
      rng
        .stream('flip')
        .uniform(indices.length)
        .forEach((coin, b) => (variants_B[b] = coin < 0.5 ? MIRRORED : 0));
    }
    return this.readItems({ indices_B: indices, variants_B });
  }

  async readItems({ indices_B, variants_B }: BatchItems): Promise<ImageBatch> {
    checkIndices(this.spec, indices_B);
    const { channels, height, width } = this.spec.image;
    const size = channels * height * width;
    const images_BCHW = new Uint8Array(indices_B.length * size);
    const place = async (index: number, b: number) => {
      const pixels_CHW = await this.pixels(index);
      const image = images_BCHW.subarray(b * size, (b + 1) * size);
      image.set(pixels_CHW);
      if (variants_B[b] === MIRRORED) flipRows(image, width);
    };
    await Promise.all(Array.from(indices_B, place));
    return { images_BCHW, labels_B: indices_B.map((index) => this.scan.files[index]!.label), variants_B };
  }

  async dispose(): Promise<void> {
    this.cache.clear();
    await this.pool.dispose();
  }

  /** The image's pixels, or, with `onBadImage: 'skip'`, those of its stand-in. */
  private async pixels(index: number): Promise<Uint8Array> {
    let current: number | null = this.damaged.has(index) ? nextOfClass(this.scan.files, index, this.damaged) : index;
    while (current !== null) {
      const cached = this.cache.get(current);
      if (cached) return cached;
      try {
        const pixels = await this.pool.decode(this.path(current));
        this.cache.offer(current, pixels);
        return pixels;
      } catch (error) {
        this.refuse(current, error);
        current = nextOfClass(this.scan.files, current, this.damaged);
      }
    }
    throw ruinedClass(this.root, this.spec.classes[this.scan.files[index]!.label]!);
  }

  /** Remembers a damaged image, or throws what ends the run. */
  private refuse(index: number, error: unknown): void {
    if (!(error instanceof DecodeError)) throw error;
    const { kind, reason } = error.fault;
    if (kind === 'file') throw unreadableFile(this.path(index), reason, error);
    if (this.options.onBadImage === 'stop') throw damagedImage(this.path(index), reason, error);
    if (this.damaged.has(index)) return;
    this.damaged.set(index, reason);
    const { path } = this.scan.files[index]!;
    const skipped = this.scan.faults.length + this.damaged.size;
    const count = `${plural(skipped, 'bad file')} so far`;
    this.notices.warn(`Skipped ${path}: ${reason}. Another image of its class stands in (${count}).`, {
      path,
      reason,
      skipped,
    });
  }

  private path(index: number): string {
    return join(this.root, this.scan.files[index]!.path);
  }
}
