// Loops over bits: a batch of features is tens of millions of numbers, and a callback a number costs ten times as much.

/** bfloat16 is the upper half of a float32. */
export function bfloat16ToFloat32(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = bits[i]! << 16;
  return new Float32Array(words.buffer);
}

/** To the nearest bfloat16, ties to even, as PyTorch rounds: an error of at most 2⁻⁸ of each value. NaN stays NaN. */
export function float32ToBfloat16(values: Float32Array): Uint16Array {
  const words = wordsOf(values);
  const bits = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) {
    const word = words[i]!;
    const isNaN = (word & 0x7fffffff) > 0x7f800000;
    bits[i] = isNaN ? (word >>> 16) | 0x40 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
  return bits;
}

/** Every float16, by its bits: 65,536 numbers, made when first needed. */
let widened: Float32Array | null = null;

/** IEEE half precision, subnormals, infinities and NaN included. */
export function float16ToFloat32(bits: Uint16Array): Float32Array {
  widened ??= Float32Array.from({ length: 65_536 }, (_, half) => widen(half));
  const values = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) values[i] = widened[bits[i]!]!;
  return values;
}

function widen(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/**
 * To the nearest float16, ties to even, as PyTorch rounds: an error of at most 2⁻¹¹ of each value from 2⁻¹⁴ on. What is larger than
 * 65,504 becomes infinite.
 */
export function float32ToFloat16(values: Float32Array): Uint16Array {
  const words = wordsOf(values);
  const bits = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) bits[i] = narrow(words[i]!);
  return bits;
}

/** One float32, by its bits, as a float16. */
function narrow(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const size = word & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00;
  // 65,520 is halfway to the next power of two, which does not exist.
  if (size >= 0x477ff000) return sign | 0x7c00;
  // Normal: exponents differ in their bias by 112, fractions by 13 bits. A carry out of the fraction is right, too.
  if (size >= 0x38800000) return sign | ((size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13);
  // Subnormal: multiples of 2⁻²⁴.
  const shift = 126 - (size >>> 23);
  if (shift > 24) return sign;
  const fraction = (size & 0x7fffff) | 0x800000;
  const kept = fraction >>> shift;
  const rest = fraction & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return sign | (kept + (rest > half || (rest === half && kept & 1) ? 1 : 0));
}

const wordsOf = (values: Float32Array): Uint32Array => new Uint32Array(values.buffer, values.byteOffset, values.length);
