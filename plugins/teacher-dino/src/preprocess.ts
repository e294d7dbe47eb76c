// B batch, C channels, H×W → h×w pixels.
import { IMAGENET_NORMALISATION, resizeBicubic } from '@hastejs/models';
import { HasteError } from '@hastejs/plugin-api';
import { type Tensor4D, tf } from '@hastejs/tensor';
import { z } from 'zod';

/** Mean and standard deviation of every channel, of pixels in [0, 1]. */
export const channelNormalisation = z.strictObject({
  mean: z.array(z.number()).min(1),
  std: z.array(z.number().positive()).min(1),
});
export type ChannelNormalisation = {
  readonly mean: readonly number[];
  readonly std: readonly number[];
};

/** ImageNet's numbers for RGB; an encoder of other channels must bring its own. @throws HasteError WEIGHTS_MISMATCH */
export function defaultNormalisation(channels: number, where: string): ChannelNormalisation {
  if (channels === 3) return IMAGENET_NORMALISATION;
  throw new HasteError('WEIGHTS_MISMATCH', {
    what: `The encoder takes ${channels}-channel images, and nothing says how they are normalised.`,
    where,
    fix: `Give the option \`normalisation\` with ${channels} mean and std, of pixels in [0, 1].`,
  });
}

/**
 * What DINOv2 is fed in training (METHOD section 3): pixels / 255, normalised, then resized bicubically (torch's, without
 * antialias). Grey images are repeated for an encoder of three channels.
 * @param images_BCHW raw pixels in [0, 255].
 */
export function preprocess(
  images_BCHW: Tensor4D,
  { mean, std }: ChannelNormalisation,
  size: { readonly height: number; readonly width: number },
): Tensor4D {
  return tf.tidy(() => {
    const channels = mean.length;
    const perChannel = (values: readonly number[]): Tensor4D => tf.tensor4d([...values], [1, channels, 1, 1]);
    const unit_BCHW = tf.div(images_BCHW, 255);
    // Broadcasting repeats a grey channel and normalises it as red, green and blue in one pass.
    const normalised_BCHW = tf.div(tf.sub(unit_BCHW, perChannel(mean)), perChannel(std)) as Tensor4D;
    return resizeBicubic(normalised_BCHW, size.height, size.width);
  });
}
