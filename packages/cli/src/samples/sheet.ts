import { type Raster, imageGrid } from '@hastejs/data';
import type { Samples } from '@hastejs/trainer';
import { GLYPH } from './font.js';
import { blank, drawText, paste, textWidth } from './raster.js';

// B images, C channels, H height, W width.

/** Small images are enlarged by a whole factor until a side is at least this long. */
const LEAST_SIDE = 56;
/** More images of a class than this go on in the next row. */
const MOST_COLUMNS = 16;
const GAP = 4;
const MARGIN = 8;
/** Pixels a dot of a letter. */
const LETTER = 2;
const PAPER = 255;
const INK = 0;

/** All samples on one sheet: a row for each class, or several when there are many, with its name at the left. */
export function contactSheet(samples: Samples): Raster {
  const { shape } = samples;
  const groups = byClass(samples);
  const columns = Math.min(MOST_COLUMNS, Math.max(...groups.map(({ images }) => images.length)));
  const scale = Math.ceil(LEAST_SIDE / Math.max(shape.height, shape.width));
  const rows = groups.flatMap(({ images }) => padded(images, columns));
  const grid = imageGrid(gather(samples, rows), shape, { columns, scale, gap: GAP, background: PAPER });

  const labelWidth = Math.max(...groups.map(({ name }) => textWidth(name, LETTER))) + 2 * MARGIN;
  const sheet = blank(labelWidth + grid.width, grid.height, grid.channels, PAPER);
  paste(sheet, grid, labelWidth, 0);
  const pitch = shape.height * scale + GAP;
  let row = 0;
  for (const { name, images } of groups) {
    const top = GAP + row * pitch + Math.floor((shape.height * scale - GLYPH.height * LETTER) / 2);
    drawText(sheet, name, MARGIN, top, LETTER, INK);
    row += Math.ceil(images.length / columns);
  }
  return sheet;
}

/** One sample, [C, H, W] of the batch turned into [H, W, C]. */
export function imageAt(samples: Samples, index: number): Raster {
  return imageGrid(gather(samples, [index]), samples.shape, { columns: 1, gap: 0 });
}

interface Group {
  readonly name: string;
  /** Indices into the batch. */
  readonly images: readonly number[];
}

function byClass({ labels_B, classes }: Samples): Group[] {
  const groups = new Map<number, number[]>();
  labels_B.forEach((label, index) => groups.set(label, [...(groups.get(label) ?? []), index]));
  return [...groups].map(([label, images]) => ({ name: classes[label] ?? `class ${label}`, images }));
}

/** Fills the last row of a class up with nothing, so that the next class begins a row. */
function padded(images: readonly number[], columns: number): (number | null)[] {
  const missing = (columns - (images.length % columns)) % columns;
  return [...images, ...Array<null>(missing).fill(null)];
}

/** The images chosen, in order; nothing is paper. */
function gather({ images_BCHW, shape }: Samples, chosen: readonly (number | null)[]): Uint8Array {
  const size = shape.channels * shape.height * shape.width;
  const gathered = new Uint8Array(chosen.length * size).fill(PAPER);
  chosen.forEach((index, place) => {
    if (index !== null) gathered.set(images_BCHW.subarray(index * size, (index + 1) * size), place * size);
  });
  return gathered;
}
