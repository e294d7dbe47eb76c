import type { Filter } from './filters.js';
import { FRACTION_BITS, type Span, type Weights, resampleWeights } from './weights.js';

// H height, W width, C channels: pixels uint8, row by row, channels together.

/** Pixels uint8 [H, W, C]. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data_HWC: Uint8Array;
}

/** Size of the resampled image, and the part of it that is wanted; by default all. */
export interface Target {
  readonly width: number;
  readonly height: number;
  readonly columns?: Span;
  readonly rows?: Span;
}

const HALF = 1 << (FRACTION_BITS - 1);

/**
 * Resamples as Pillow's `Image.resize` does, to the bit: first along rows, then along columns, with 22-bit weights, each
 * pass rounded to uint8. Only the wanted part is computed, and of the first pass only the rows that the second reads.
 */
export function resample(image: Raster, target: Target, filter: Filter): Raster {
  const columns = target.columns ?? { start: 0, length: target.width };
  const rows = target.rows ?? { start: 0, length: target.height };
  const down = resampleWeights(image.height, target.height, filter, rows);
  const last = rows.length - 1;
  const top = down.first[0]!;
  const strip = rowsOf(image, top, down.first[last]! + down.count[last]! - top);
  const across = resampleWeights(image.width, target.width, filter, columns);
  return alongColumns(alongRows(strip, across, columns.length), down, rows.length, top);
}

function rowsOf({ width, channels, data_HWC }: Raster, top: number, height: number): Raster {
  const row = width * channels;
  return { width, height, channels, data_HWC: data_HWC.subarray(top * row, (top + height) * row) };
}

function alongRows({ width, height, channels, data_HWC }: Raster, across: Weights, columns: number): Raster {
  const { first } = across;
  const out_HWC = new Uint8Array(height * columns * channels);
  const mix = channels === 3 ? mixThree : mixOne;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < columns; x++) {
      const from = (y * width + first[x]!) * channels;
      const to = (y * columns + x) * channels;
      for (let c = 0; c < channels; c += mix.values) mix(data_HWC, from + c, channels, across, x, out_HWC, to + c);
    }
  }
  return { width: columns, height, channels, data_HWC: out_HWC };
}

/** The few rows that one output row reads stay in the processor's first cache. */
function alongColumns({ width, channels, data_HWC }: Raster, down: Weights, rows: number, top: number): Raster {
  const { first } = down;
  const row = width * channels;
  const out_HWC = new Uint8Array(rows * row);
  const mix = channels === 3 ? mixThree : mixOne;
  for (let y = 0; y < rows; y++) {
    const from = (first[y]! - top) * row;
    for (let x = 0; x < row; x += mix.values) mix(data_HWC, from + x, row, down, y, out_HWC, y * row + x);
  }
  return { width, height: rows, channels, data_HWC: out_HWC };
}

/**
 * One output value: the sum over k of data[from + k · step] with the k-th weight of `position`. This and its twin below are all
 * the time of a decode that the codec does not take.
 */
function mixOne(
  data: Uint8Array,
  from: number,
  step: number,
  { count, weights, stride }: Weights,
  position: number,
  out: Uint8Array,
  to: number,
): void {
  const begin = position * stride;
  const end = begin + count[position]!;
  let sum = HALF;
  for (let w = begin, i = from; w < end; w++, i += step) sum = (sum + Math.imul(data[i]!, weights[w]!)) | 0;
  out[to] = toByte(sum);
}
mixOne.values = 1;

/** Three neighbours at once, which is twice as fast: a pixel's channels along rows, any three values along columns. */
function mixThree(
  data: Uint8Array,
  from: number,
  step: number,
  { count, weights, stride }: Weights,
  position: number,
  out: Uint8Array,
  to: number,
): void {
  const begin = position * stride;
  const end = begin + count[position]!;
  let a = HALF;
  let b = HALF;
  let c = HALF;
  for (let w = begin, i = from; w < end; w++, i += step) {
    const weight = weights[w]!;
    a = (a + Math.imul(data[i]!, weight)) | 0;
    b = (b + Math.imul(data[i + 1]!, weight)) | 0;
    c = (c + Math.imul(data[i + 2]!, weight)) | 0;
  }
  out[to] = toByte(a);
  out[to + 1] = toByte(b);
  out[to + 2] = toByte(c);
}
mixThree.values = 3;

function toByte(sum: number): number {
  const value = sum >> FRACTION_BITS;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
