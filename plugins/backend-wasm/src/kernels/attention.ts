// B batch, H heads, T query tokens, S keys, d and e head sizes, N = B·H maps. Sp, Tp: rounded up to whole tiles.
import type { TensorInfo } from '@hastejs/tensor';
import type { Heap } from '../heap.js';
import { BLOCK } from '../simd/kernels/attention.js';
import { moved } from './places.js';
import type { HasteTable } from './register.js';

type Sizes4 = [number, number, number, number];

const wholeTiles = (n: number): number => Math.ceil(n / 8) * 8;
const scaleOf = (d: number): number => 1 / Math.sqrt(d);

/** Work of n maps [T, S] with head size d, in the units of `parallel`. */
const workOf = (n: number, T: number, S: number, d: number, products: number): number =>
  n * T * S * ((products * d) / 16 + 8);

/** Attention head by head; threads share the heads. */
export const attentionKernels = (heap: Heap): HasteTable => {
  const at = (tensor: TensorInfo): number => heap.address(tensor);
  return {
    HasteAttention: ({ q, k, v }) => {
      const [B, H, T, d] = q.shape as Sizes4;
      const [S, Sp] = [k.shape[2]!, wholeTiles(k.shape[2]!)];
      const [out, lse] = [heap.make(q.shape), heap.make([B, H, T, 1])];
      const [bases, steps] = [[q, k, v, out, lse].map(at), [T * d, S * d, S * d, T * d, T]];
      const size = Sp * (d + BLOCK);
      heap.withScratch(size * heap.calls, (scratch) => {
        heap.parallel('attention', [B * H, 1, workOf(B * H, T, S, d, 2)], (from, to, call) => {
          const sizes = [to - from, T, S, Sp, d, scaleOf(d), scratch + 4 * call * size];
          return [...moved(bases, steps, from), ...sizes];
        });
      });
      return [out, lse];
    },

    HasteAttentionGrad: ({ dy, q, k, v, out, lse }) => {
      const [B, H, T, d] = q.shape as Sizes4;
      const [S, Sp] = [k.shape[2]!, wholeTiles(k.shape[2]!)];
      const gradients = [heap.make(q.shape), heap.make(k.shape), heap.make(v.shape)];
      const bases = [dy, q, k, v, out, lse, ...gradients].map(at);
      const [row, key] = [T * d, S * d];
      const steps = [row, row, key, key, row, T, row, key, key];
      const size = 2 * Sp * (d + BLOCK);
      heap.withScratch(size * heap.calls, (scratch) => {
        heap.parallel('attentionGrad', [B * H, 1, workOf(B * H, T, S, d, 5)], (from, to, call) => {
          const sizes = [to - from, T, S, Sp, d, scaleOf(d), scratch + 4 * call * size];
          return [...moved(bases, steps, from), ...sizes];
        });
      });
      return gradients;
    },
  };
};

/** The attention-alignment loss, map by map; threads share the maps. */
export const attentionCrossEntropyKernels = (heap: Heap): HasteTable => {
  const at = (tensor: TensorInfo): number => heap.address(tensor);
  return {
    HasteAttentionCrossEntropy: ({ qs, ks, qt, kt }) => {
      const [B, H, T, d] = qs.shape as Sizes4;
      const [N, Tp, e] = [B * H, wholeTiles(T), qt.shape[3]!];
      const out = heap.make([]);
      const size = Tp * (d + e + 2 * BLOCK);
      heap.withScratch(N * T + size * heap.calls, (entropies) => {
        const bases = [...[qs, ks, qt, kt].map(at), entropies];
        const steps = [T * d, T * d, T * e, T * e, T];
        heap.parallel('attentionCrossEntropy', [N, 1, workOf(N, T, T, d + e, 1)], (from, to, call) => {
          const scratch = entropies + 4 * (N * T + call * size);
          return [...moved(bases, steps, from), to - from, T, Tp, d, e, scaleOf(d), scaleOf(e), scratch];
        });
        const total = heap.floats(entropies, N * T).reduce((sum, entropy) => sum + entropy, 0);
        heap.floats(at(out), 1)[0] = total / (N * T);
      });
      return [out];
    },

    HasteAttentionCrossEntropyGrad: ({ dy, qs, ks, qt, kt }) => {
      const [B, H, T, d] = qs.shape as Sizes4;
      const [N, Tp, e] = [B * H, wholeTiles(T), qt.shape[3]!];
      const [dqs, dks] = [heap.make(qs.shape), heap.make(ks.shape)];
      const bases = [qs, ks, qt, kt, dqs, dks].map(at);
      const steps = [T * d, T * d, T * e, T * e, T * d, T * d];
      const perRow = heap.floats(at(dy), 1)[0]! / (N * T);
      const size = Tp * (d + e + 2 * BLOCK);
      heap.withScratch(size * heap.calls, (scratch) => {
        heap.parallel('attentionCrossEntropyGrad', [N, 1, workOf(N, T, T, d + e, 2)], (from, to, call) => {
          const sizes = [to - from, T, Tp, d, e, scaleOf(d), scaleOf(e), perRow];
          return [...moved(bases, steps, from), ...sizes, scratch + 4 * call * size];
        });
      });
      return [dqs, dks];
    },
  };
};
