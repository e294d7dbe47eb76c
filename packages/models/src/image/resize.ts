// B batch, C channels, H×W → h×w pixels, T → S tokens, D width.
import { HasteError, type TokenGrid, formatGrid, gridTokens, sameGrid } from '@hastejs/plugin-api';
import { type Tensor, type Tensor3D, type Tensor4D, tf } from '@hastejs/tensor';
import { type ResizeMatrix, type ResizeMethod, resizeMatrix } from './resize-weights.js';

/**
 * torch.nn.functional.interpolate(mode='bicubic', align_corners=False), without antialias: two matrix products.
 * [B, C, H, W] → [B, C, height, width]. Values may overshoot the input's range.
 */
export function resizeBicubic(x_BCHW: Tensor4D, height: number, width: number): Tensor4D {
  return resizeImages(x_BCHW, { height, width }, { height: { kind: 'cubic' }, width: { kind: 'cubic' } });
}

/** Resizes both axes, each by its own method. */
export function resizeImages(
  x_BCHW: Tensor4D,
  to: TokenGrid,
  methods: { readonly height: ResizeMethod; readonly width: ResizeMethod },
): Tensor4D {
  const [B, C, H, W] = x_BCHW.shape;
  if (H === to.height && W === to.width) return tf.clone(x_BCHW);
  return tf.tidy(() => {
    const across_wW = toTensor(resizeMatrix(W, to.width, methods.width));
    const down_hH = toTensor(resizeMatrix(H, to.height, methods.height));
    const wide = tf.matMul(tf.reshape(x_BCHW, [B * C * H, W]), across_wW, false, true);
    const whole = tf.matMul(tf.expandDims(down_hH, 0), tf.reshape(wide, [B * C, H, to.width]));
    return tf.reshape(whole, [B, C, to.height, to.width]);
  });
}

/**
 * Moves tokens to another grid: torch's bilinear, align_corners false, as one matrix product over the token axis.
 * [B, T, D] → [B, S, D]. The same grid gives the same values.
 * @throws HasteError SHAPE_MISMATCH when the tokens are not those of `from`.
 */
export function resampleTokens(x_BTD: Tensor3D, from: TokenGrid, to: TokenGrid): Tensor3D {
  if (x_BTD.shape[1] !== gridTokens(from)) {
    throw new HasteError('SHAPE_MISMATCH', {
      what: `A grid of ${formatGrid(from)} has ${gridTokens(from)} tokens, but the tensor is [${x_BTD.shape.join(', ')}].`,
      where: 'resampleTokens',
      fix: 'Give patch tokens only, on the grid that they were made on.',
    });
  }
  if (sameGrid(from, to)) return tf.clone(x_BTD);
  return tf.tidy(() => {
    const rows = resizeMatrix(from.height, to.height, { kind: 'linear' });
    const columns = resizeMatrix(from.width, to.width, { kind: 'linear' });
    return tf.matMul(tf.expandDims(toTensor(kronecker(rows, columns)), 0), x_BTD) as Tensor3D;
  });
}

/** (A ⊗ B)[(i, k), (j, l)] = A[i, j]·B[k, l]: resizes rows and columns of a flattened grid at once. */
function kronecker(a: ResizeMatrix, b: ResizeMatrix): ResizeMatrix {
  const [rows, columns] = [a.rows * b.rows, a.columns * b.columns];
  const values = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const [i, k] = [Math.floor(row / b.rows), row % b.rows];
    for (let column = 0; column < columns; column++) {
      const [j, l] = [Math.floor(column / b.columns), column % b.columns];
      values[row * columns + column] = a.values[i * a.columns + j]! * b.values[k * b.columns + l]!;
    }
  }
  return { rows, columns, values };
}

function toTensor({ rows, columns, values }: ResizeMatrix): Tensor {
  return tf.tensor2d(Float32Array.from(values), [rows, columns]);
}
