import type { Raster } from '@hastejs/data';
import { GLYPH, glyph } from './font.js';

// H height, W width, C channels.

export function blank(width: number, height: number, channels: number, value: number): Raster {
  return { width, height, channels, data_HWC: new Uint8Array(width * height * channels).fill(value) };
}

/** Copies `source` into `target` with its corner at (left, top); it must lie inside. */
export function paste(target: Raster, source: Raster, left: number, top: number): void {
  const { channels } = target;
  const row = source.width * channels;
  for (let y = 0; y < source.height; y++) {
    target.data_HWC.set(source.data_HWC.subarray(y * row, (y + 1) * row), ((top + y) * target.width + left) * channels);
  }
}

const STEP = GLYPH.width + 1;

export const textWidth = (text: string, size: number): number => Math.max(0, [...text].length * STEP - 1) * size;

/** Draws text with its upper left corner at (left, top), `size` pixels a dot, in grey level `ink`; clipped at the edges. */
export function drawText(target: Raster, text: string, left: number, top: number, size: number, ink: number): void {
  [...text].forEach((character, index) => {
    glyph(character).forEach((row, y) => {
      [...row].forEach((dot, x) => {
        if (dot === '#') fillSquare(target, left + (index * STEP + x) * size, top + y * size, size, ink);
      });
    });
  });
}

function fillSquare(target: Raster, left: number, top: number, size: number, value: number): void {
  const { width, height, channels, data_HWC } = target;
  for (let y = Math.max(0, top); y < Math.min(height, top + size); y++) {
    const from = Math.max(0, left);
    const to = Math.max(from, Math.min(width, left + size));
    data_HWC.fill(value, (y * width + from) * channels, (y * width + to) * channels);
  }
}
