import { rng } from '../random/rng.js';
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from './half.js';

describe('half precision', () => {
  it('widens float16', () => {
    const bits = [0x0000, 0x8000, 0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x83ff, 0x3555, 0x7c00, 0xfc00];
    const values = [0, -0, 1, -2, 65504, 2 ** -14, 2 ** -24, -1023 * 2 ** -24, 0.333251953125, Infinity, -Infinity];
    expect([...float16ToFloat32(Uint16Array.from(bits))]).toEqual(values);
    expect(float16ToFloat32(Uint16Array.of(0x7e00))[0]).toBeNaN();
  });

  it('widens bfloat16', () => {
    const bits = [0x0000, 0x3f80, 0xc000, 0x7f80, 0x3eab, 0x0001];
    const values = [0, 1, -2, Infinity, 0.333984375, 2 ** -133];
    expect([...bfloat16ToFloat32(Uint16Array.from(bits))]).toEqual(values);
  });
});

describe('rounding to half precision', () => {
  const specials = [0, -0, 1, -2, Infinity, -Infinity, 2 ** -14, 2 ** -24, 2 ** -25, 1.5 * 2 ** -25, 65504, 65519.9];
  const drawn = [...rng(5).normal(4000)].flatMap((x, i) => [x, x * 2 ** ((i % 60) - 30)]);
  const values = Float32Array.from([...specials, ...drawn]);

  /** Every finite number of a format in order, so that the nearest can be searched for. */
  const gridOf = (widen: (bits: Uint16Array) => Float32Array, infinity: number) => [
    ...widen(Uint16Array.from({ length: infinity + 1 }, (_, bits) => bits)),
  ];

  it.each([
    ['float16', float32ToFloat16, float16ToFloat32, 0x7c00],
    ['bfloat16', float32ToBfloat16, bfloat16ToFloat32, 0x7f80],
  ] as const)('%s: each to the nearest, ties to even', (_, narrow, widen, infinity) => {
    const grid = gridOf(widen, infinity);
    const bits = narrow(values);
    values.forEach((value, i) => {
      const size = bits[i]! & 0x7fff;
      expect(Object.is(value, -0) || value < 0).toBe((bits[i]! & 0x8000) !== 0);
      if (size === infinity) return expect(Math.abs(value)).toBeGreaterThanOrEqual(65519.99);
      const [below, at, above] = [size - 1, size, size + 1].map((index) =>
        Math.abs((grid[index] ?? -1) - Math.abs(value)),
      );
      expect(at).toBeLessThanOrEqual(Math.min(below!, above!));
      if (at === below || at === above) expect(size % 2).toBe(0);
    });
  });

  it.each([
    ['float16', float32ToFloat16, float16ToFloat32],
    ['bfloat16', float32ToBfloat16, bfloat16ToFloat32],
  ] as const)('%s: what it can hold comes back as it was, and NaN as NaN', (_, narrow, widen) => {
    const all = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);
    const back = widen(narrow(widen(all)));
    expect(back).toEqual(widen(all));
  });
});
