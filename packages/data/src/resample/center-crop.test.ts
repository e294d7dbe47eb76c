import { centerCrop, roundHalfToEven } from './center-crop.js';
import type { Raster } from './resample.js';

/** Every pixel holds its column and row. */
function ruled(width: number, height: number): Raster {
  const data_HWC = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) data_HWC.set([i % width, Math.floor(i / width), 7], i * 3);
  return { width, height, channels: 3, data_HWC };
}

const corner = ({ data_HWC }: Raster): number[] => [...data_HWC.subarray(0, 3)];

describe('centerCrop', () => {
  it('cuts the middle out of the long side, without resampling where the short side fits', () => {
    expect(corner(centerCrop(ruled(30, 16), 16))).toEqual([7, 0, 7]);
    expect(corner(centerCrop(ruled(16, 31), 16))).toEqual([0, 7, 7]);
  });

  it('halves with a box filter first: the mean of whole pixels', () => {
    // 64 → 32 → 16: columns 0 to 3 average to 1.5, rounded up at each pass.
    expect(corner(centerCrop(ruled(64, 64), 16))).toEqual([2, 2, 7]);
  });

  it.each([
    [9, 9],
    [15, 200],
    [255, 31],
    [33, 32],
  ])('gives a square of 16 from %i×%i', (width, height) => {
    const { data_HWC, ...shape } = centerCrop(ruled(width, height), 16);
    expect(shape).toEqual({ width: 16, height: 16, channels: 3 });
    expect(data_HWC).toHaveLength(16 * 16 * 3);
  });

  it('rounds halves to even, as the reference does', () => {
    expect([0.5, 1.5, 2.5, 2.4, 2.6, 3].map(roundHalfToEven)).toEqual([0, 2, 2, 2, 3, 3]);
  });
});
