import { parseIdx } from './idx.js';

/** Two images of 2×3. */
const IMAGES = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, ...Array(12).keys());

describe('parseIdx', () => {
  it('reads shape and values, wherever the bytes lie in their buffer', () => {
    const inside = new Uint8Array(50);
    inside.set(IMAGES, 7);
    const { shape, data } = parseIdx(inside.subarray(7, 7 + IMAGES.length), 3, 'a');
    expect(shape).toEqual([2, 2, 3]);
    expect([...data]).toEqual([...Array(12).keys()]);
  });

  it.each([
    ['other magic', IMAGES, 1, 'The IDX file begins with 0x00000803 and not 0x00000801 (bytes, 1 axes).'],
    ['too few values', IMAGES.subarray(0, 27), 3, 'The IDX file says 2×2×3 values, but holds 11.'],
    ['too many values', Uint8Array.of(...IMAGES, 1), 3, 'The IDX file says 2×2×3 values, but holds 13.'],
    ['no whole header', IMAGES.subarray(0, 10), 3, 'The IDX file has 10 bytes, less than its header of 16.'],
    ['nothing', new Uint8Array(0), 3, 'The IDX file has 0 bytes, less than its header of 16.'],
  ])('refuses %s', (_name, bytes, rank, what) => {
    expect(() => parseIdx(bytes, rank, 'some/file')).toThrow(
      `${what} [IMAGE_UNREADABLE]\n  where: some/file\n  fix:   Get the file again; it is damaged or another file.`,
    );
  });
});
