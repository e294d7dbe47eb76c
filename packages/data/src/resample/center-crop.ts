import { BICUBIC, BOX } from './filters.js';
import { type Raster, resample } from './resample.js';

/**
 * The center crop of Dhariwal and Nichol (ADM), on which the published models were trained: halve with a box filter while
 * the short side is at least twice `size`, resample it to `size` with a bicubic filter, cut the middle out of the long
 * side. Smaller images are enlarged.
 */
export function centerCrop(image: Raster, size: number): Raster {
  let current = image;
  while (Math.min(current.width, current.height) >= 2 * size) {
    current = resample(current, { width: current.width >> 1, height: current.height >> 1 }, BOX);
  }
  const scale = size / Math.min(current.width, current.height);
  const width = roundHalfToEven(current.width * scale);
  const height = roundHalfToEven(current.height * scale);
  return resample(current, { width, height, columns: middle(width, size), rows: middle(height, size) }, BICUBIC);
}

function middle(length: number, size: number): { start: number; length: number } {
  return { start: Math.floor((length - size) / 2), length: size };
}

/** The reference rounds as Python does: 2.5 to 2, 3.5 to 4. */
export function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}
