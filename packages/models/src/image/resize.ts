// B batch, C channels, H×W → h×w pixels, T → S tokens, D width.
import { HasteError, type TokenGrid, formatGrid, gridTokens, sameGrid } from '@hastejs/plugin-api';
import { type Tensor, type Tensor2D, type Tensor3D, type Tensor4D, tf } from '@hastejs/tensor';
import { type ResizeMatrix, type ResizeMethod, kronecker, resizeMatrix } from './resize-weights.js';

const BICUBIC: ResizeMethod = { kind: 'cubic', antialias: false };
const BILINEAR: ResizeMethod = { kind: 'linear' };

/**
 * torch.nn.functional.interpolate(mode='bicubic', align_corners=False), without antialias: two matrix products.
 * [B, C, H, W] → [B, C, height, width]. Values may overshoot the input's range.
 */
export function resizeBicubic(x_BCHW: Tensor4D, height: number, width: number): Tensor4D {
  return resizeImages(x_BCHW, height, width, BICUBIC);
}

/**
 * Resizes as torch's interpolate does, or with antialias as Pillow does: [B, C, H, W] → [B, C, height, width], along rows,
 * then along columns.
 * @param settle what happens to the values after each of the two passes; Pillow rounds them to whole grey levels.
 */
export function resizeImages(
  x_BCHW: Tensor4D,
  height: number,
  width: number,
  method: ResizeMethod,
  settle: (x: Tensor) => Tensor = (x) => x,
): Tensor4D {
  const [B, C, H, W] = x_BCHW.shape;
  if (H === height && W === width) return tf.clone(x_BCHW);
  return tf.tidy(() => {
    const across_wW = toTensor(resizeMatrix(W, width, method));
    const down_hH = toTensor(resizeMatrix(H, height, method));
    const rows = tf.reshape(x_BCHW, [B * C * H, W]);
    const wide = W === width ? rows : settle(tf.matMul(rows, across_wW, false, true));
    const planes = tf.reshape(wide, [B * C, H, width]) as Tensor3D;
    const whole = H === height ? planes : settle(tf.matMul(tf.expandDims(down_hH, 0), planes));
    return tf.reshape(whole, [B, C, height, width]);
  });
}

/** How each axis of a token grid is resized. */
export interface GridMethods {
  readonly rows: ResizeMethod;
  readonly columns: ResizeMethod;
}

/**
 * Moves tokens to another grid, bilinearly (torch, align_corners false) unless told otherwise, as one matrix product over
 * the token axis: [B, T, D] → [B, S, D]. The same grid gives the same values.
 * @throws HasteError SHAPE_MISMATCH when the tokens are not those of `from`.
 */
export function resampleTokens(
  x_BTD: Tensor3D,
  from: TokenGrid,
  to: TokenGrid,
  methods: GridMethods = { rows: BILINEAR, columns: BILINEAR },
): Tensor3D {
  if (x_BTD.shape[1] !== gridTokens(from)) {
    throw new HasteError('SHAPE_MISMATCH', {
      what: `A grid of ${formatGrid(from)} has ${gridTokens(from)} tokens, but the tensor is [${x_BTD.shape.join(', ')}].`,
      where: 'resampleTokens',
      fix: 'Give patch tokens only, on the grid that they were made on.',
    });
  }
  if (sameGrid(from, to)) return tf.clone(x_BTD);
  return tf.tidy(() => {
    const rows = resizeMatrix(from.height, to.height, methods.rows);
    const columns = resizeMatrix(from.width, to.width, methods.columns);
    return tf.matMul(tf.expandDims(toTensor(kronecker(rows, columns)), 0), x_BTD);
  });
}

function toTensor({ rows, columns, values }: ResizeMatrix): Tensor2D {
  return tf.tensor2d(Float32Array.from(values), [rows, columns]);
}
