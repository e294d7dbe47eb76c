import { CLIP_NORMALISATION, IMAGENET_NORMALISATION } from '@hastejs/models';
import { z } from 'zod';

/** Mean and standard deviation of every channel, of pixels in [0, 1]: x̂ = (x − mean) / std. */
export interface ChannelNormalisation {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

export const channelNormalisation = z.strictObject({
  mean: z.array(z.number()).min(1).describe('Mean of each channel, of pixels in [0, 1].'),
  std: z.array(z.number().positive()).min(1).describe('Standard deviation of each channel, of pixels in [0, 1].'),
});

/** The numbers that published encoders were trained with. */
export const NORMALISATIONS = {
  imagenet: IMAGENET_NORMALISATION,
  clip: CLIP_NORMALISATION,
  /** To the range [−1, 1]: SigLIP, and timm's supervised ViTs. */
  half: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
} as const satisfies Readonly<Record<string, ChannelNormalisation>>;
