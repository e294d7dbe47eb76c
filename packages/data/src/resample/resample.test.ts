import { BICUBIC, BOX, LANCZOS } from './filters.js';
import { type Raster, resample } from './resample.js';

// Expected numbers: Pillow 12.3, Image.resize. The larger cases are in test/golden.

/** A 5×4 image whose values wrap, so that filters overshoot at both ends of the byte. */
function example(channels: 1 | 3): Raster {
  const data_HWC = Uint8Array.from({ length: 20 * channels }, (_, i) => {
    const pixel = Math.floor(i / channels);
    return Math.floor(pixel / 5) * 53 + (pixel % 5) * 37 + (i % channels) * 91;
  });
  return { width: 5, height: 4, channels, data_HWC };
}

describe('resample', () => {
  it.each([
    ['box', BOX, [46, 137, 164, 101, 192, 27, 157, 184, 83, 152, 179, 78, 207, 42, 133, 135, 98, 189]],
    ['bicubic', BICUBIC, [44, 140, 160, 107, 186, 51, 176, 166, 88, 145, 187, 75, 177, 79, 125, 142, 97, 189]],
    ['Lanczos', LANCZOS, [40, 139, 161, 106, 192, 45, 183, 165, 86, 149, 190, 71, 180, 77, 124, 141, 94, 194]],
  ])('shrinks as Pillow does, to the bit: %s', (_name, filter, expected) => {
    expect([...resample(example(3), { width: 3, height: 2 }, filter).data_HWC]).toEqual(expected);
  });

  it('enlarges as Pillow does, clipping what overshoots', () => {
    const top = [0, 87, 177, 16, 107, 222, 46, 137, 175, 72, 163, 0, 98, 188, 16, 128, 224, 54, 148, 250, 74];
    expect([...resample(example(3), { width: 7, height: 5 }, BICUBIC).data_HWC.subarray(0, 21)]).toEqual(top);
  });

  it('treats grey images as it does one channel of three', () => {
    expect([...resample(example(1), { width: 3, height: 2 }, BICUBIC).data_HWC]).toEqual([44, 107, 176, 145, 177, 142]);
  });

  it('computes any part as it lies in the whole', () => {
    const whole = resample(example(3), { width: 9, height: 7 }, LANCZOS);
    const part = { width: 9, height: 7, columns: { start: 4, length: 3 }, rows: { start: 2, length: 2 } };
    const cut = [2, 3].flatMap((y) => [...whole.data_HWC.subarray((y * 9 + 4) * 3, (y * 9 + 7) * 3)]);
    expect([...resample(example(3), part, LANCZOS).data_HWC]).toEqual(cut);
  });

  it('changes nothing at the same size', () => {
    expect(resample(example(3), { width: 5, height: 4 }, BICUBIC)).toEqual(example(3));
  });
});
