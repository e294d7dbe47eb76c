// B batch, H and W height and width (halved twice on the way), C channels, O channels out, D width of the features.
import type { ParameterTable } from '@hastejs/models';
import { type Params, type Tensor2D, type Tensor4D, gelu, layerNorm, linear, tf } from '@hastejs/tensor';

/** A small convolutional network: three scales of 3×3 convolutions, a residual one at each of the lower two. */
export interface NetworkSpec {
  readonly channels: number;
  /** Images are square; a multiple of 4. */
  readonly side: number;
  /** Channels at full, half and quarter size; the last is the width D of the features. */
  readonly widths: readonly [number, number, number];
  readonly classes: number;
}

const NORM_EPS = 1e-6;

export function networkParameters({ channels, widths, classes }: NetworkSpec): ParameterTable {
  const [first, second, third] = widths;
  return {
    ...convolution('stem', channels, first),
    ...convolution('down.0', first, second),
    ...norm('block.0.norm', second),
    ...convolution('block.0.conv', second, second),
    ...convolution('down.1', second, third),
    ...norm('block.1.norm', third),
    ...convolution('block.1.conv', third, third),
    ...norm('norm', third),
    'head.weight': { shape: [classes, third], init: { kind: 'xavier' } },
    'head.bias': { shape: [classes], init: { kind: 'zeros' } },
  };
}

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
 * What the network sees in images, before its last layer: the mean over positions.
 * @param x_BHWC normalised images.
 * @returns [B, D]
 */
export function networkFeatures(params: Params, x_BHWC: Tensor4D): Tensor2D {
  return tf.tidy(() => {
    const full = gelu(convolve(params, 'stem', x_BHWC), 'tanh') as Tensor4D;
    const half = residual(params, 'block.0', convolve(params, 'down.0', full, 2));
    const quarter = residual(params, 'block.1', convolve(params, 'down.1', half, 2));
    return tf.mean(normed(params, 'norm', quarter), [1, 2]) as Tensor2D;
  });
}

/** @returns logits [B, classes] */
export function networkLogits(params: Params, features_BD: Tensor2D): Tensor2D {
  return linear(features_BD, params['head.weight']!, params['head.bias']) as Tensor2D;
}

const residual = (params: Params, name: string, x_BHWC: Tensor4D): Tensor4D =>
  tf.add(x_BHWC, convolve(params, `${name}.conv`, gelu(normed(params, `${name}.norm`, x_BHWC), 'tanh') as Tensor4D));

const normed = (params: Params, name: string, x: Tensor4D): Tensor4D =>
  layerNorm(x, { weight: params[`${name}.weight`], bias: params[`${name}.bias`], eps: NORM_EPS }) as Tensor4D;

const convolve = (params: Params, name: string, x_BHWC: Tensor4D, stride = 1): Tensor4D =>
  tf.add(tf.conv2d(x_BHWC, params[`${name}.weight`] as Tensor4D, stride, 'same'), params[`${name}.bias`]!);
