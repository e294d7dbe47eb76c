import type { ImageShape } from '@hastejs/plugin-api';
import type { Raster } from '../resample/resample.js';

// B images, C channels, H height, W width.

export interface GridOptions {
  /** Images a row. With as many as there are of each class, and images class by class, rows are classes. */
  readonly columns: number;
  /** Pixels between images and around them; default 2. */
  readonly gap?: number;
  /** Every pixel becomes a square of so many; default 1. */
  readonly scale?: number;
  /** Grey level of the gaps and of places left over; default 255, white. */
  readonly background?: number;
}

/** Lays uint8 images [B, C, H, W] out in rows, in order: one picture [H, W, C]. */
export function imageGrid(images_BCHW: Uint8Array, shape: ImageShape, options: GridOptions): Raster {
  const { columns, gap = 2, scale = 1, background = 255 } = options;
  const { channels, height: H, width: W } = shape;
  const B = images_BCHW.length / (channels * H * W);
  const rows = Math.ceil(B / columns);
  const width = columns * (W * scale + gap) + gap;
  const height = rows * (H * scale + gap) + gap;
  const data_HWC = new Uint8Array(width * height * channels).fill(background);
  for (let b = 0; b < B; b++) {
    const top = Math.floor(b / columns) * (H * scale + gap) + gap;
    const left = (b % columns) * (W * scale + gap) + gap;
    for (let y = 0; y < H * scale; y++) {
      for (let x = 0; x < W * scale; x++) {
        const to = ((top + y) * width + left + x) * channels;
        const from = b * channels * H * W + Math.floor(y / scale) * W + Math.floor(x / scale);
        for (let c = 0; c < channels; c++) data_HWC[to + c] = images_BCHW[from + c * H * W]!;
      }
    }
  }
  return { width, height, channels, data_HWC };
}
