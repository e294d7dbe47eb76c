import { type Counter, type Key, philox } from './philox.js';

/** Random numbers as a pure function of (seed, streams, position). Drawing twice from one value gives the same numbers. */
export interface Rng {
  readonly seed: number;
  /** An independent stream under a name: noise, time, labels, data order. */
  stream(name: string): Rng;
  /** The stream's state at a position, such as (step) or (step, rank): up to three integers in [0, 2³²−2]. */
  at(...position: readonly number[]): Rng;
  /** n floats in [0, 1). */
  uniform(n: number): Float32Array;
  /** n standard normal floats. */
  normal(n: number): Float32Array;
  /** n integers in [0, bound), bound at most 2³¹. */
  integers(n: number, bound: number): Int32Array;
  /** The numbers 0 … n−1 in random order. */
  permutation(n: number): Int32Array;
}

/**
 * The root of all randomness of a run.
 * @param seed an integer in [0, 2⁵³).
 * @throws Error for any other seed.
 */
export function rng(seed: number): Rng {
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error(`A seed is an integer from 0 to 2^53 − 1, not ${seed}.`);
  return new PhiloxRng(seed, [seed >>> 0, Math.floor(seed / 2 ** 32)], []);
}

class PhiloxRng implements Rng {
  constructor(
    readonly seed: number,
    private readonly key: Key,
    private readonly position: readonly number[],
  ) {}

  stream(name: string): Rng {
    return new PhiloxRng(this.seed, streamKey(this.key, name), this.position);
  }

  at(...position: readonly number[]): Rng {
    const all = [...this.position, ...position];
    if (all.length > 3 || all.some((p) => !Number.isInteger(p) || p < 0 || p > 2 ** 32 - 2)) {
      throw new Error(`A position is up to three integers from 0 to 2^32 − 2, not (${all.join(', ')}).`);
    }
    return new PhiloxRng(this.seed, this.key, all);
  }

  uniform(n: number): Float32Array {
    const words = this.words(n);
    const out = new Float32Array(n);
    // 24 bits: every value is a float32 below 1.
    for (let i = 0; i < n; i++) out[i] = (words[i]! >>> 8) * 2 ** -24;
    return out;
  }

  /** Box–Muller in float64, two words a pair. */
  normal(n: number): Float32Array {
    const words = this.words(n + (n % 2));
    const out = new Float32Array(n);
    for (let i = 0; i < n; i += 2) {
      const radius = Math.sqrt(-2 * Math.log((words[i]! + 0.5) * 2 ** -32));
      const angle = words[i + 1]! * (2 * Math.PI * 2 ** -32);
      out[i] = radius * Math.cos(angle);
      if (i + 1 < n) out[i + 1] = radius * Math.sin(angle);
    }
    return out;
  }

  integers(n: number, bound: number): Int32Array {
    const fractions = this.fractions(n);
    return Int32Array.from(fractions, (fraction) => Math.floor(fraction * bound));
  }

  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    const fractions = this.fractions(n);
    for (let i = n - 1; i > 0; i--) {
      const j = Math.floor(fractions[i]! * (i + 1));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }

  /** n doubles in [0, 1) of 53 bits: scaling one to any int32 bound is unbiased to 2⁻²². */
  private fractions(n: number): Float64Array {
    const words = this.words(2 * n);
    return Float64Array.from(
      { length: n },
      (_, i) => ((words[2 * i]! >>> 11) * 2 ** 32 + words[2 * i + 1]!) * 2 ** -53,
    );
  }

  /** The first n words at this position. The counter holds the block and the position; 0 stands for an absent one. */
  private words(n: number): Uint32Array {
    const blocks = Math.ceil(n / 4);
    const words = new Uint32Array(blocks * 4);
    const [p0 = -1, p1 = -1, p2 = -1] = this.position;
    for (let block = 0; block < blocks; block++) philox(words, block * 4, [block, p0 + 1, p1 + 1, p2 + 1], this.key);
    return words;
  }
}

/** Philox as a compression function over the name's UTF-8 bytes, eight at a time. */
function streamKey(key: Key, name: string): Key {
  const bytes = new TextEncoder().encode(name);
  const padded = new DataView(new ArrayBuffer((Math.floor(bytes.length / 8) + 1) * 8));
  bytes.forEach((byte, i) => padded.setUint8(i, byte));
  const out = new Uint32Array(4);
  let next = key;
  for (let at = 0; at < padded.byteLength; at += 8) {
    // The last word is never a position of `words`, which stays below 2³²−1: names and draws cannot meet.
    const counter: Counter = [padded.getUint32(at, true), padded.getUint32(at + 4, true), bytes.length, 0xffffffff];
    philox(out, 0, counter, next);
    next = [out[0]!, out[1]!];
  }
  return next;
}
