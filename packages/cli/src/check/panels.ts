// T patch tokens, C channels.
import { BICUBIC, type Raster, resample } from '@hastejs/data';
import type { TokenGrid } from '@hastejs/plugin-api';
import { blank, drawText, paste, textWidth } from '../samples/raster.js';

/** One picture with what it shows. */
export interface Panel {
  readonly title: string;
  readonly image: Raster;
}

/** Every panel is at least this wide. */
const LEAST_SIDE = 224;
const COLUMNS = 4;
const GAP = 12;
const LETTER = 2;
const TITLE = 7 * LETTER + 6;
const PAPER = 255;
const INK = 0;

/** From dark to bright, evenly to the eye: black, violet, red, orange, pale yellow. */
const HEAT = [
  [0, 0, 4],
  [81, 18, 124],
  [183, 55, 121],
  [252, 137, 97],
  [252, 253, 191],
] as const;

/** Pixels of a side of a patch, so that a panel of this grid is wide enough. */
export const patchPixels = ({ height, width }: TokenGrid): number => Math.ceil(LEAST_SIDE / Math.min(height, width));

/** Grey or colour pixels as a panel of a grid's size. */
export function imagePanel(title: string, image: Raster, grid: TokenGrid): Panel {
  const scale = patchPixels(grid);
  const sized = resample(image, { width: grid.width * scale, height: grid.height * scale }, BICUBIC);
  return { title, image: sized.channels === 3 ? sized : inColour(sized) };
}

/** Three components of every token as red, green and blue, each from its 1st to its 99th percentile. */
export function featurePanel(title: string, scores_T3: ArrayLike<number>, grid: TokenGrid): Panel {
  const ranges = [0, 1, 2].map((c) => percentiles(Array.from(scores_T3).filter((_, i) => i % 3 === c)));
  return patches(title, grid, (token) =>
    ranges.map(([low, high], c) => (scores_T3[token * 3 + c]! - low) / (high - low || 1)),
  );
}

/** One value a token, from nothing to the greatest, as heat. */
export function heatPanel(title: string, values_T: ArrayLike<number>, grid: TokenGrid): Panel {
  const greatest = Math.max(...Array.from(values_T)) || 1;
  return patches(title, grid, (token) => heat(values_T[token]! / greatest));
}

/** All panels in rows, each under its title. */
export function sheetOf(panels: readonly Panel[]): Raster {
  const columns = Math.min(COLUMNS, panels.length);
  const rows = Math.ceil(panels.length / columns);
  const width = Math.max(...panels.map(({ title, image }) => Math.max(image.width, textWidth(title, LETTER))));
  const height = Math.max(...panels.map(({ image }) => image.height)) + TITLE;
  const sheet = blank(columns * (width + GAP) + GAP, rows * (height + GAP) + GAP, 3, PAPER);
  panels.forEach(({ title, image }, index) => {
    const left = GAP + (index % columns) * (width + GAP);
    const top = GAP + Math.floor(index / columns) * (height + GAP);
    drawText(sheet, title, left, top, LETTER, INK);
    paste(sheet, image, left, top + TITLE);
  });
  return sheet;
}

function patches(title: string, grid: TokenGrid, colour: (token: number) => readonly number[]): Panel {
  const scale = patchPixels(grid);
  const image = blank(grid.width * scale, grid.height * scale, 3, PAPER);
  for (let token = 0; token < grid.width * grid.height; token++) {
    const bytes = colour(token).map((value) => Math.round(255 * Math.min(1, Math.max(0, value))));
    const [top, left] = [Math.floor(token / grid.width) * scale, (token % grid.width) * scale];
    for (let y = top; y < top + scale; y++) {
      for (let x = left; x < left + scale; x++) image.data_HWC.set(bytes, (y * image.width + x) * 3);
    }
  }
  return { title, image };
}

function heat(value: number): number[] {
  const place = Math.min(1, Math.max(0, value)) * (HEAT.length - 1);
  const below = Math.min(Math.floor(place), HEAT.length - 2);
  return [0, 1, 2].map((c) => {
    const [from, to] = [HEAT[below]![c]!, HEAT[below + 1]![c]!];
    return (from + (place - below) * (to - from)) / 255;
  });
}

function percentiles(values: number[]): [low: number, high: number] {
  const sorted = values.sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))]!;
  return [at(0.01), at(0.99)];
}

function inColour({ width, height, data_HWC }: Raster): Raster {
  const out = new Uint8Array(width * height * 3);
  data_HWC.forEach((value, i) => out.fill(value, 3 * i, 3 * i + 3));
  return { width, height, channels: 3, data_HWC: out };
}
