// Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
// A bijection of 128-bit counters under a 64-bit key: random access, no state.

export type Key = readonly [number, number];
export type Counter = readonly [number, number, number, number];

const { imul } = Math;
const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;
const ROUNDS = 10;

/** Writes the four words of one block at `out[at]` … `out[at + 3]`. */
export function philox(out: Uint32Array, at: number, [c0, c1, c2, c3]: Counter, [key0, key1]: Key): void {
  // As signed words, which engines keep in registers; the array makes them unsigned.
  let [x0, x1, x2, x3, k0, k1] = [c0 | 0, c1 | 0, c2 | 0, c3 | 0, key0 | 0, key1 | 0];
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(x0, M0 & 0xffff, M0 >>> 16);
    const low0 = imul(x0, M0);
    const high1 = multiplyHigh(x2, M1 & 0xffff, M1 >>> 16);
    const low1 = imul(x2, M1);
    x0 = high1 ^ x1 ^ k0;
    x1 = low1;
    x2 = high0 ^ x3 ^ k1;
    x3 = low0;
    k0 = (k0 + W0) | 0;
    k1 = (k1 + W1) | 0;
  }
  out[at] = x0;
  out[at + 1] = x1;
  out[at + 2] = x2;
  out[at + 3] = x3;
}

/** Upper 32 bits of the 64-bit product of two unsigned words, the second given by its 16-bit halves. */
function multiplyHigh(a: number, b0: number, b1: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const cross0 = imul(a1, b0);
  const cross1 = imul(a0, b1);
  const carry = (imul(a0, b0) >>> 16) + (cross0 & 0xffff) + (cross1 & 0xffff);
  return (imul(a1, b1) + (cross0 >>> 16) + (cross1 >>> 16) + (carry >>> 16)) | 0;
}
