import { bfloat16ToFloat32, float16ToFloat32 } from './half.js';

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
