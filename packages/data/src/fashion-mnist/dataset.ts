import { createHash } from 'node:crypto';
import type { DataSpec, Dataset, ImageBatch } from '@hastejs/plugin-api';
import { checkIndices } from '../check-indices.js';
import { CLASSES, type SplitData } from './split.js';

/** One split in memory: 47 MB for the full training set. */
export class FashionMnistDataset implements Dataset {
  readonly spec: DataSpec;

  constructor(
    name: string,
    private readonly data: SplitData,
  ) {
    const { length, height, width, images_NHW, labels_N } = data;
    this.spec = {
      name,
      length,
      classes: CLASSES,
      image: { channels: 1, height, width },
      fingerprint: createHash('sha256').update(images_NHW).update(labels_N).digest('hex'),
      variants: ['plain'],
    };
  }

  /** Grey pixels as stored, without padding: [B, 1, 28, 28]. There is no augmentation. */
  async read(indices: Int32Array): Promise<ImageBatch> {
    checkIndices(this.spec, indices);
    const { images_NHW, labels_N, height, width } = this.data;
    const size = height * width;
    const images_BCHW = new Uint8Array(indices.length * size);
    indices.forEach((n, b) => images_BCHW.set(images_NHW.subarray(n * size, (n + 1) * size), b * size));
    return { images_BCHW, labels_B: indices.map((n) => labels_N[n]!) };
  }

  dispose(): void {}
}
