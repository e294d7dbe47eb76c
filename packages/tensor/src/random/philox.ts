// Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
// A bijection of 128-bit counters under a 64-bit key: random access, no state.

export type Key = readonly [number, number];
export type Counter = readonly [number, number, number, number];

const { imul, floor } = Math;
const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;
const ROUNDS = 10;

/** Writes the four words of one block at `out[at]` … `out[at + 3]`. */
export function philox(out: Uint32Array, at: number, [c0, c1, c2, c3]: Counter, [key0, key1]: Key): void {
  let [x0, x1, x2, x3, k0, k1] = [c0, c1, c2, c3, key0, key1];
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(x0, M0);
    const low0 = imul(x0, M0);
    const high1 = multiplyHigh(x2, M1);
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

/** Upper 32 bits of the 64-bit product of two unsigned words, from 16-bit halves. */
function multiplyHigh(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const cross = imul(a1, b0) >>> 0;
  // Each partial product is below 2³²; the sums below stay exact in a double.
  const middle = (cross & 0xffff) + (imul(a0, b1) >>> 0) + ((imul(a0, b0) >>> 0) >>> 16);
  return (imul(a1, b1) >>> 0) + (cross >>> 16) + floor(middle / 65536);
}
