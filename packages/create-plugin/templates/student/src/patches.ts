// B batch, C channels, H×W image, p patch side, h×w token grid, T = h·w tokens, P = p·p·C values of a patch.
import type { TokenGrid } from '@hastejs/plugin-api';
import { type Tensor3D, type Tensor4D, tf } from '@hastejs/tensor';

/** Cuts images into patches, row by row: [B, C, H, W] → [B, T, p·p·C]. */
export function patchify(x_BCHW: Tensor4D, { height: h, width: w }: TokenGrid): Tensor3D {
  const [B, C, H, W] = x_BCHW.shape;
  const p = H / h;
  return tf.tidy(() => {
    const x_BHWC = tf.transpose(x_BCHW, [0, 2, 3, 1]);
    const rows = tf.reshape(x_BHWC, [B * h, p, w, (W / w) * C]);
    return tf.reshape(tf.transpose(rows, [0, 2, 1, 3]), [B, h * w, p * p * C]);
  });
}

/** Puts patches back in place: [B, T, p·p·C] → [B, C, H, W]. */
export function unpatchify(patches_BTP: Tensor3D, { height: h, width: w }: TokenGrid, channels: number): Tensor4D {
  const [B, , P] = patches_BTP.shape;
  const p = Math.sqrt(P / channels);
  return tf.tidy(() => {
    const rows = tf.transpose(tf.reshape(patches_BTP, [B * h, w, p, p * channels]), [0, 2, 1, 3]);
    return tf.transpose(tf.reshape(rows, [B, h * p, w * p, channels]), [0, 3, 1, 2]);
  });
}
