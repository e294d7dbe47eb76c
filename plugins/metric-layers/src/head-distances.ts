// B images, H heads, T tokens, d head size; N = B·H maps, n of them in a chunk.
import type { QueryKey, TokenGrid } from '@hastejs/plugin-api';
import { type Tensor1D, type Tensor2D, type Tensor3D, tf } from '@hastejs/tensor';

/** Logits of maps held at once: 16 MiB of float32. */
const CHUNK_LOGITS = 2 ** 22;

/** Euclidean distances between the tokens of a grid, in patches, [T, T]. */
export function gridDistances({ height, width }: TokenGrid): Tensor2D {
  const T = height * width;
  const apart = Float32Array.from({ length: T * T }, (_, at) => {
    const [q, k] = [Math.floor(at / T), at % T];
    return Math.hypot(Math.floor(q / width) - Math.floor(k / width), (q % width) - (k % width));
  });
  return tf.tensor2d(apart, [T, T]);
}

/**
 * Mean over queries and images of Σ softmax(q·kᵀ·d^−½)·distance over keys, by head, [H].
 * @param most logits held at once; it changes no number.
 */
export function headDistances({ q_BHTd, k_BHTd }: QueryKey, apart_TT: Tensor2D, most = CHUNK_LOGITS): Tensor1D {
  const [B, H, T, d] = q_BHTd.shape;
  const [N, size] = [B * H, Math.max(1, Math.floor(most / (T * T)))];
  const q_NTd = tf.reshape(q_BHTd, [N, T, d]);
  const k_NTd = tf.reshape(k_BHTd, [N, T, d]);
  const chunks: Tensor1D[] = [];
  for (let from = 0; from < N; from += size) {
    const n = Math.min(size, N - from);
    chunks.push(
      tf.tidy(() => {
        const q_nTd = tf.mul<Tensor3D>(tf.slice(q_NTd, from, n), d ** -0.5);
        const map_nTT = tf.softmax(tf.matMul(q_nTd, tf.slice(k_NTd, from, n), false, true));
        return tf.mean(tf.sum(tf.mul(map_nTT, apart_TT), -1), -1) as Tensor1D;
      }),
    );
  }
  return tf.mean(tf.reshape(tf.concat(chunks), [B, H]), 0);
}
