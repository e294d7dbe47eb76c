// B batch, C latent channels, H height, W width.
import { type Tensor4D, tf } from '@hastejs/tensor';

/** How moments lie on the channel axis: the ImageNet class files store mean‖std, the COCO files mean‖log-variance. */
export type MomentLayout = 'mean-std' | 'mean-logvar';

/** Factor that gives latents of the SD autoencoder unit variance. */
export const LATENT_SCALE = 0.18215;

/** Log-variances are clamped to [−30, 20]. */
const LOGVAR_RANGE = [-30, 20] as const;

/** z = (mean + std·ε)·scale from an autoencoder's moments [B, 2C, H, W] and noise [B, C, H, W]. */
export function samplePosterior(
  moments_BMHW: Tensor4D,
  noise_BCHW: Tensor4D,
  layout: MomentLayout,
  scale = LATENT_SCALE,
): Tensor4D {
  return tf.tidy(() => {
    const [mean, spread] = tf.split(moments_BMHW, 2, 1) as [Tensor4D, Tensor4D];
    const std = layout === 'mean-std' ? spread : tf.exp(tf.mul(tf.clipByValue(spread, ...LOGVAR_RANGE), 0.5));
    return tf.mul(tf.add(mean, tf.mul(std, noise_BCHW)), scale) as Tensor4D;
  });
}
