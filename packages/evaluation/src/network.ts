// B batch, H and W height and width (halved twice on the way), C channels, O channels out, D width of the features.
import type { ParameterTable } from '@hastejs/models';
import { type Params, type Tensor, type Tensor2D, type Tensor4D, gelu, layerNorm, linear, tf } from '@hastejs/tensor';

/** A small convolutional network: three scales of 3×3 convolutions, a residual one at the lowest, and a dense layer over all of it. */
export interface NetworkSpec {
  readonly channels: number;
  /** Images are square; a multiple of 4. */
  readonly side: number;
  /** Channels at full, half and quarter size. */
  readonly widths: readonly [number, number, number];
  /** Width D of the features. */
  readonly features: number;
  readonly classes: number;
}

const NORM_EPS = 1e-6;

export function networkParameters({ channels, side, widths, features, classes }: NetworkSpec): ParameterTable {
  const [full, half, quarter] = widths;
  return {
    ...convolution('full', channels, full),
    ...convolution('half', full, half),
    ...convolution('quarter', half, quarter),
    ...norm('residual.norm', quarter),
    ...convolution('residual.conv', quarter, quarter),
    ...norm('norm', quarter),
    ...dense('features', (side / 4) ** 2 * quarter, features),
    ...dense('head', features, classes),
  };
}

const dense = (name: string, I: number, O: number): ParameterTable => ({
  [`${name}.weight`]: { shape: [O, I], init: { kind: 'xavier' } },
  [`${name}.bias`]: { shape: [O], init: { kind: 'zeros' } },
});

/** Filters as TensorFlow.js takes them, [3, 3, C, O], begun with the deviation √(1 / inputs). */
const convolution = (name: string, C: number, O: number): ParameterTable => ({
  [`${name}.weight`]: { shape: [3, 3, C, O], init: { kind: 'normal', std: Math.sqrt(1 / (9 * C)) } },
  [`${name}.bias`]: { shape: [O], init: { kind: 'zeros' } },
});

const norm = (name: string, D: number): ParameterTable => ({
  [`${name}.weight`]: { shape: [D], init: { kind: 'ones' } },
  [`${name}.bias`]: { shape: [D], init: { kind: 'zeros' } },
});

/**
 * What the network sees in images, before its last layer.
 * @param x_BHWC normalised images.
 * @returns [B, D]
 */
export function networkFeatures(params: Params, x_BHWC: Tensor4D): Tensor2D {
  return tf.tidy(() => {
    const full = activated(convolve(params, 'full', x_BHWC));
    const half = activated(convolve(params, 'half', full, 2));
    const quarter = convolve(params, 'quarter', half, 2);
    const inner = convolve(params, 'residual.conv', activated(normed(params, 'residual.norm', quarter)));
    const seen = activated(normed(params, 'norm', tf.add(quarter, inner)));
    const flat = tf.reshape(seen, [x_BHWC.shape[0], -1]);
    return activated(linear(flat, params['features.weight']!, params['features.bias']) as Tensor2D);
  });
}

/** @returns logits [B, classes] */
export function networkLogits(params: Params, features_BD: Tensor2D): Tensor2D {
  return linear(features_BD, params['head.weight']!, params['head.bias']) as Tensor2D;
}

const activated = <T extends Tensor>(x: T): T => gelu(x, 'tanh') as T;

const normed = (params: Params, name: string, x: Tensor4D): Tensor4D =>
  layerNorm(x, { weight: params[`${name}.weight`], bias: params[`${name}.bias`], eps: NORM_EPS }) as Tensor4D;

const convolve = (params: Params, name: string, x_BHWC: Tensor4D, stride = 1): Tensor4D =>
  tf.add(tf.conv2d(x_BHWC, params[`${name}.weight`] as Tensor4D, stride, 'same'), params[`${name}.bias`]!);
