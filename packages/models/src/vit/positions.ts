// T → S tokens, D width.
import type { TokenGrid } from '@hastejs/plugin-api';
import { type Params, type Tensor3D, tf } from '@hastejs/tensor';
import { resampleTokens } from '../image/resize.js';
import type { ResizeMethod } from '../image/resize-weights.js';
import type { VitSpec } from './spec.js';

/** How a position table is moved to another grid. */
export type PositionResampling =
  /** timm's resample_abs_pos_embed: bicubic with antialias. What the released training code does to its teachers. */
  | { readonly kind: 'timm' }
  /** Bicubic to a size without antialias: what transformers does. */
  | { readonly kind: 'plain' }
  /**
   * DINOv2's own interpolate_pos_encoding. Models without registers were trained with offset 0.1, which enters the scale,
   * and no antialias; models with registers with offset 0 and antialias.
   */
  | { readonly kind: 'dinov2'; readonly offset: number; readonly antialias: boolean };

/**
 * [1, P + T, D] → [1, P + S, D]: the positions of `prefix` class and register tokens stay, the others are resampled
 * bicubically.
 */
export function resamplePositions(
  positions_1ND: Tensor3D,
  from: TokenGrid,
  to: TokenGrid,
  how: PositionResampling,
  prefix = 1,
): Tensor3D {
  const D = positions_1ND.shape[2];
  return tf.tidy(() => {
    const methods = { rows: axisMethod(from.height, to.height, how), columns: axisMethod(from.width, to.width, how) };
    if (prefix === 0) return resampleTokens(positions_1ND, from, to, methods);
    const patches = tf.slice(positions_1ND, [0, prefix, 0], [1, -1, D]);
    const kept = tf.slice(positions_1ND, [0, 0, 0], [1, prefix, D]);
    return tf.concat([kept, resampleTokens(patches, from, to, methods)], 1);
  });
}

function axisMethod(from: number, to: number, how: PositionResampling): ResizeMethod {
  if (how.kind !== 'dinov2') return { kind: 'cubic', antialias: how.kind === 'timm' };
  return { kind: 'cubic', antialias: how.antialias, scale: from / (to + how.offset) };
}

/**
 * The same model for images of another grid. Only a position table is made anew, under 'pos_embed', which the caller then
 * owns beside the old one; rotary positions need nothing.
 */
export function moveToGrid(
  spec: VitSpec,
  params: Params,
  grid: TokenGrid,
  how: PositionResampling,
): { readonly spec: VitSpec; readonly params: Params } {
  const moved = { ...spec, grid };
  if (spec.positions.kind === 'rotary') return { spec: moved, params };
  const table = params['pos_embed'] as Tensor3D;
  const pos_embed = resamplePositions(table, spec.grid, grid, how, spec.positions.prefix);
  return { spec: moved, params: { ...params, pos_embed } };
}
