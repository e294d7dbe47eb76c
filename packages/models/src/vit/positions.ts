// T → S tokens, D width.
import type { TokenGrid } from '@hastejs/plugin-api';
import { type Tensor3D, tf } from '@hastejs/tensor';
import { resampleTokens } from '../image/resize.js';
import type { ResizeMethod } from '../image/resize-weights.js';

/** How a position table is moved to another grid. */
export type PositionResampling =
  /** timm's resample_abs_pos_embed: bicubic with antialias. What the released training code does to its teachers. */
  | { readonly kind: 'timm' }
  /**
   * DINOv2's own interpolate_pos_encoding. Models without registers were trained with offset 0.1, which enters the scale,
   * and no antialias; models with registers with offset 0 and antialias.
   */
  | { readonly kind: 'dinov2'; readonly offset: number; readonly antialias: boolean };

/** [1, 1 + T, D] → [1, 1 + S, D]: the class token's position stays, the others are resampled bicubically. */
export function resamplePositions(
  positions_1ND: Tensor3D,
  from: TokenGrid,
  to: TokenGrid,
  how: PositionResampling,
): Tensor3D {
  const D = positions_1ND.shape[2];
  return tf.tidy(() => {
    const methods = { rows: axisMethod(from.height, to.height, how), columns: axisMethod(from.width, to.width, how) };
    const patches = tf.slice(positions_1ND, [0, 1, 0], [1, -1, D]);
    return tf.concat([tf.slice(positions_1ND, [0, 0, 0], [1, 1, D]), resampleTokens(patches, from, to, methods)], 1);
  });
}

function axisMethod(from: number, to: number, how: PositionResampling): ResizeMethod {
  if (how.kind === 'timm') return { kind: 'cubic', antialias: true };
  return { kind: 'cubic', antialias: how.antialias, scale: from / (to + how.offset) };
}
