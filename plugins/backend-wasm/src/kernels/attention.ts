// B batch, H heads, T query tokens, S keys, d and e head sizes, N = B·H maps. Sp, Tp: rounded up to whole tiles.
import type { TensorInfo } from '@hastejs/tensor';
import type { Heap } from '../heap.js';
import { BLOCK } from '../simd/kernels/attention.js';
import type { HasteTable } from './register.js';

type Sizes4 = [number, number, number, number];

const wholeTiles = (n: number): number => Math.ceil(n / 8) * 8;
const scaleOf = (d: number): number => 1 / Math.sqrt(d);

/** Attention head by head; the scratch of one head serves all. */
export const attentionKernels = (heap: Heap): HasteTable => {
  const at = (tensor: TensorInfo): number => heap.address(tensor);
  return {
    HasteAttention: ({ q, k, v }) => {
      const [B, H, T, d] = q.shape as Sizes4;
      const [S, Sp] = [k.shape[2]!, wholeTiles(k.shape[2]!)];
      const [out, lse] = [heap.make(q.shape), heap.make([B, H, T, 1])];
      const [qs, ks, vs, outs, sums] = [at(q), at(k), at(v), at(out), at(lse)];
      heap.withScratch(Sp * (d + BLOCK), (scratch) => {
        for (let n = 0; n < B * H; n++) {
          const [row, key] = [4 * n * T * d, 4 * n * S * d];
          const places = [qs + row, ks + key, vs + key, outs + row, sums + 4 * n * T];
          heap.simd.attention(...places, T, S, Sp, d, scaleOf(d), scratch);
        }
      });
      return [out, lse];
    },

    HasteAttentionGrad: ({ dy, q, k, v, out, lse }) => {
      const [B, H, T, d] = q.shape as Sizes4;
      const [S, Sp] = [k.shape[2]!, wholeTiles(k.shape[2]!)];
      const gradients = [heap.make(q.shape), heap.make(k.shape), heap.make(v.shape)] as const;
      const [dys, qs, ks, vs, outs, sums] = [dy, q, k, v, out, lse].map(at) as [...Sizes4, number, number];
      const [dqs, dks, dvs] = gradients.map(at) as [number, number, number];
      heap.withScratch(2 * Sp * (d + BLOCK), (scratch) => {
        for (let n = 0; n < B * H; n++) {
          const [row, key] = [4 * n * T * d, 4 * n * S * d];
          const inputs = [dys + row, qs + row, ks + key, vs + key, outs + row, sums + 4 * n * T];
          heap.simd.attentionGrad(...inputs, dqs + row, dks + key, dvs + key, T, S, Sp, d, scaleOf(d), scratch);
        }
      });
      return [...gradients];
    },
  };
};

/** The attention-alignment loss, map by map. */
export const attentionCrossEntropyKernels = (heap: Heap): HasteTable => {
  const at = (tensor: TensorInfo): number => heap.address(tensor);
  const scratchOf = (Tp: number, d: number, e: number): number => Tp * (d + e + 2 * BLOCK);
  return {
    HasteAttentionCrossEntropy: ({ qs, ks, qt, kt }) => {
      const [N, T, d] = qs.shape as [number, number, number];
      const [Tp, e] = [wholeTiles(T), qt.shape[2]!];
      const out = heap.make([]);
      const places = [qs, ks, qt, kt].map(at) as Sizes4;
      heap.withScratch(N * T, (entropies) => {
        heap.withScratch(scratchOf(Tp, d, e), (scratch) => {
          for (let n = 0; n < N; n++) {
            const maps = offsets(places, n, T, d, e);
            const sizes = [T, Tp, d, e, scaleOf(d), scaleOf(e), scratch];
            heap.simd.attentionCrossEntropy(...maps, entropies + 4 * n * T, ...sizes);
          }
        });
        const total = heap.floats(entropies, N * T).reduce((sum, entropy) => sum + entropy, 0);
        heap.floats(at(out), 1)[0] = total / (N * T);
      });
      return [out];
    },

    HasteAttentionCrossEntropyGrad: ({ dy, qs, ks, qt, kt }) => {
      const [N, T, d] = qs.shape as [number, number, number];
      const [Tp, e] = [wholeTiles(T), qt.shape[2]!];
      const [dqs, dks] = [heap.make(qs.shape), heap.make(ks.shape)];
      const places = [qs, ks, qt, kt].map(at) as Sizes4;
      const perRow = heap.floats(at(dy), 1)[0]! / (N * T);
      heap.withScratch(scratchOf(Tp, d, e), (scratch) => {
        for (let n = 0; n < N; n++) {
          const maps = offsets(places, n, T, d, e);
          const outputs = [at(dqs) + 4 * n * T * d, at(dks) + 4 * n * T * d];
          const sizes = [T, Tp, d, e, scaleOf(d), scaleOf(e), perRow, scratch];
          heap.simd.attentionCrossEntropyGrad(...maps, ...outputs, ...sizes);
        }
      });
      return [dqs, dks];
    },
  };
};

/** Where the n-th map's queries and keys of student and teacher begin. */
function offsets([qs, ks, qt, kt]: Sizes4, n: number, T: number, d: number, e: number): Sizes4 {
  const [s, t] = [4 * n * T * d, 4 * n * T * e];
  return [qs + s, ks + s, qt + t, kt + t];
}
