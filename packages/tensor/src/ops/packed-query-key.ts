// B batch, T tokens, H heads, d head size, n parts that lie side by side (queries, keys and what follows).
import { callKernel, findKernel, recordKernel } from '../engine-tape.js';
import { type Tensor3D, type Tensor4D, tf } from '../tf.js';
import { splitHeads } from './heads.js';

/**
 * Queries and keys, [B, H, T, d] each, of [B, T, n·H·d]: what an attention that is looked at hands out. The same as the first
 * two of `splitHeads`, where a backend can save the copies.
 */
export function packedQueryKey(qkv_BTnD: Tensor3D, parts: number, heads: number): { q: Tensor4D; k: Tensor4D } {
  const [kernel, gradient] = [findKernel('HastePackedQueryKey'), findKernel('HastePackedQueryKeyGrad')];
  if (!kernel || !gradient) {
    return tf.tidy(() => {
      const [q, k] = splitHeads(qkv_BTnD, parts, heads);
      return { q: q!, k: k! } as never;
    });
  }
  const attrs = { parts, heads };
  const [q, k] = recordKernel({
    kernel,
    given: { qkv: qkv_BTnD },
    inputs: { qkv: qkv_BTnD },
    attrs,
    saved: () => [],
    gradient: ([q, k]) => ({ qkv: () => callKernel(gradient, { q: q!, k: k! }, attrs)[0]! }),
    results: 2,
  });
  return { q: q as Tensor4D, k: k as Tensor4D };
}
