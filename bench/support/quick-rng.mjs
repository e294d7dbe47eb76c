// Random numbers for models so large that drawing each number would take minutes: one block of noise, read again and again.
import { rng } from '@hastejs/tensor';

/** A prime, so that no two rows of a matrix begin at the same place. */
const LENGTH = 1_299_709;

let blocks;

/** An Rng of @hastejs/tensor that repeats itself. What a step costs does not depend on it; never train with it. */
export function quickRng(offset = 0) {
  blocks ??= { uniform: rng(0).uniform(LENGTH), normal: rng(0).normal(LENGTH) };
  const fill = (block, n) => {
    const out = new Float32Array(n);
    for (let at = 0, from = offset % LENGTH; at < n; from = 0) {
      const part = block.subarray(from, Math.min(LENGTH, from + n - at));
      out.set(part, at);
      at += part.length;
    }
    return out;
  };
  return {
    seed: 0,
    stream: (name) =>
      quickRng([...name].reduce((hash, char) => (hash * 31 + char.codePointAt(0)) % LENGTH, offset + 7)),
    at: (...position) => quickRng(position.reduce((sum, each) => (sum * 31 + each) % LENGTH, offset)),
    uniform: (n) => fill(blocks.uniform, n),
    normal: (n) => fill(blocks.normal, n),
    integers: (n, bound) => Int32Array.from(fill(blocks.uniform, n), (fraction) => Math.floor(fraction * bound)),
    permutation: (n) => Int32Array.from({ length: n }, (_, i) => i),
  };
}
