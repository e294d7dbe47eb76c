// B batch, T tokens, D width, H heads, d head size. A plan gives weights [B, T], or [1, T] for all images, with sum 1 a row.
import { HasteError, type QueryKey, type TokenGrid, formatGrid } from '@hastejs/plugin-api';
import { type Tensor, type Tensor3D, tf } from '@hastejs/tensor';

/**
 * 1 − cos(z_t, z̄): how unlike a token of the teacher is to its image's mean token. Large on what stands out of a scene, small
 * on what fills it.
 */
export function byContrast(z_BTD: Tensor3D): Tensor {
  const mean_B1D = tf.mean(z_BTD, 1, true);
  const dot_BT = tf.sum(tf.mul(z_BTD, mean_B1D), -1);
  const norms_BT = tf.mul(tf.norm(z_BTD, 2, -1), tf.norm(mean_B1D, 2, -1));
  return shares(tf.sub(1, tf.div(dot_BT, tf.maximum(norms_BT, 1e-12))));
}

/**
 * How much the teacher's patches look at a token: the mean over heads and queries of its attention map, softmax over keys of
 * q·kᵀ·d^−½. One head's map [B, T, T] is alive at a time.
 */
export function byAttention({ q_BHTd, k_BHTd }: QueryKey): Tensor {
  const [B, H, T, d] = q_BHTd.shape;
  const head = (x: QueryKey['q_BHTd'], h: number) => tf.reshape(tf.slice(x, [0, h, 0, 0], [B, 1, T, d]), [B, T, d]);
  const looked = Array.from({ length: H }, (_, h) =>
    tf.tidy(() => {
      const logits_BTT = tf.matMul(tf.mul(head(q_BHTd, h), d ** -0.5), head(k_BHTd, h), false, true);
      return tf.mean(tf.softmax(logits_BTT), 1);
    }),
  );
  // Rows of a softmax sum to one, so their mean is a share already.
  return tf.div(tf.addN(looked), H);
}

/**
 * The same weights for every image.
 * @throws HasteError EXTENSION_OPTIONS when the map is not of the student's grid.
 */
export function byMap(rows: readonly (readonly number[])[], grid: TokenGrid, where: string): () => Tensor {
  const fits = rows.length === grid.height && rows.every(({ length }) => length === grid.width);
  if (!fits) {
    const widths = [...new Set(rows.map(({ length }) => length))].join(' or ');
    throw new HasteError('EXTENSION_OPTIONS', {
      what: `The map has ${rows.length} rows of ${widths} weights, and the student has ${formatGrid(grid)} tokens.`,
      where: `${where}, by`,
      fix: 'Give a weight for each token of the student, row by row from the top.',
    });
  }
  const flat = rows.flat();
  const sum = flat.reduce((total, weight) => total + weight, 0);
  return () => tf.tensor2d([flat.map((weight) => weight / sum)]);
}

/** Rows that sum to one. Where nothing stands out every token counts alike. */
function shares(raw_BT: Tensor): Tensor {
  const positive_BT = tf.add(tf.relu(raw_BT), 1e-9);
  return tf.div(positive_BT, tf.sum(positive_BT, -1, true));
}
