// B times, F = floor(size / 2) frequencies; columns are F cosines, F sines and, for odd sizes, zeros.
import type { Tensor1D } from '@hastejs/tensor';
import { sinusoids, timestepFrequencies } from '../../../packages/models/src/layers/timestep.js';
import type { GoldenCase } from '../runner/golden-case.js';

/** Share of the frequencies that may differ in their last bit, besides one. */
const SHARE = 0.02;

/**
 * The frequencies are exponentials in float32, whose last bit depends on the library: PyTorch's are not always correctly
 * rounded. A time of 999, far outside of diffusion's [0, 1], multiplies that bit by a thousand. So a few frequencies may be
 * a neighbouring float32, the same for all times; the table made with them is held to the tolerance like any other.
 */
export function checkTimestepTable(golden: GoldenCase, key: string, size: number): void {
  const t_B = golden.input<Tensor1D>('in/t_embed_in');
  const frequencies_F = timestepFrequencies(size);
  const tables = [0, -1, 1].map((bits) => sinusoids(t_B, size, neighbours(frequencies_F, bits)).dataSync());
  const expected = golden.values(key);
  const chosen = frequencies_F.map((_, k) => {
    const errors = tables.map((table) => columnError(table, expected, size, [k, k + frequencies_F.length]));
    return errors[0]! <= golden.tolerance(key) ? 0 : errors.indexOf(Math.min(...errors));
  });
  const moved = chosen.filter((table) => table !== 0).length;
  golden.require(moved <= 1 + SHARE * chosen.length, `${key}: ${moved} of ${chosen.length} frequencies are off`);
  golden.expect(
    key,
    Array.from(expected, (_, i) => tables[chosen[(i % size) % chosen.length] ?? 0]![i]!),
  );
}

function neighbours(values: Float32Array, bits: number): Float32Array {
  const words = new Int32Array(values.slice().buffer);
  return new Float32Array(words.map((word) => word + bits).buffer);
}

function columnError(
  table: ArrayLike<number>,
  expected: ArrayLike<number>,
  size: number,
  columns: readonly number[],
): number {
  let worst = 0;
  for (let row = 0; row < expected.length / size; row++) {
    for (const column of columns) {
      worst = Math.max(worst, Math.abs(table[row * size + column]! - expected[row * size + column]!));
    }
  }
  return worst;
}
