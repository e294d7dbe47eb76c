// B batch, C channels, H×W → h×w pixels.
import { resizeBicubic, resizeImages } from '@hastejs/models';
import { type Tensor, type Tensor4D, tf } from '@hastejs/tensor';
import type { FamilyTransform } from './family-transform.js';
import type { ChannelNormalisation } from './normalisation.js';

export interface PixelSize {
  readonly height: number;
  readonly width: number;
}

/** How images become what an encoder sees. */
export const PREPROCESSINGS = ['training', 'family', 'evaluation'] as const;
export type PreprocessingKind = (typeof PREPROCESSINGS)[number];

export interface Preprocessing {
  /**
   * `training`: as HASTE feeds its teachers (METHOD section 3): the whole image, normalised, then resized bicubically without
   * antialias. `family`: the whole image, resized with the family's own filter. `evaluation`: all that the family does when it
   * evaluates itself, its centre crop included.
   */
  readonly kind: PreprocessingKind;
  readonly transform: Pick<FamilyTransform, 'filter' | 'fit' | 'resize' | 'crop'>;
  readonly normalisation: ChannelNormalisation;
}

/**
 * Raw pixels to an encoder's input: [B, C, H, W] → [B, C', h, w]. Grey images are repeated for an encoder of three channels.
 * @param images_BCHW pixels in [0, 255], float32.
 */
export function preprocess(
  images_BCHW: Tensor4D,
  { kind, transform, normalisation }: Preprocessing,
  size: PixelSize,
): Tensor4D {
  return tf.tidy(() => {
    if (kind === 'training') {
      // The sum of a pixel's weights is 1, so that normalising first or last gives the same; the released code does it first.
      return resizeBicubic(normalise(images_BCHW, normalisation), size.height, size.width);
    }
    const resized = kind === 'family' ? whole(images_BCHW, transform, size) : cropped(images_BCHW, transform, size);
    return normalise(resized, normalisation);
  });
}

/** x/255, then (x − mean) / std. Broadcasting repeats a grey channel and normalises it as red, green and blue in one pass. */
export function normalise(pixels_BCHW: Tensor4D, { mean, std }: ChannelNormalisation): Tensor4D {
  const perChannel = (values: readonly number[]): Tensor4D => tf.tensor4d([...values], [1, values.length, 1, 1]);
  return tf.tidy(() => tf.div(tf.sub(tf.div(pixels_BCHW, 255), perChannel(mean)), perChannel(std)));
}

/** The whole image, whatever its proportions. */
function whole(x_BCHW: Tensor4D, { filter }: Pick<FamilyTransform, 'filter'>, size: PixelSize): Tensor4D {
  const kind = filter === 'bicubic' ? 'cubic' : 'linear';
  return resizeImages(x_BCHW, size.height, size.width, { kind, antialias: true }, toGreyLevels);
}

/** Resized, then the middle. At another size than the family's, the same share of the image is kept. */
function cropped(x_BCHW: Tensor4D, transform: Preprocessing['transform'], size: PixelSize): Tensor4D {
  const enlarge = transform.resize / transform.crop;
  const [, , H, W] = x_BCHW.shape;
  const [h, w] = [Math.round(size.height * enlarge), Math.round(size.width * enlarge)];
  // The long side is cut off to whole pixels, as torchvision and transformers do.
  const scale = Math.max(h / H, w / W);
  const target =
    transform.fit === 'stretch'
      ? { height: h, width: w }
      : { height: Math.max(h, Math.floor(H * scale)), width: Math.max(w, Math.floor(W * scale)) };
  const resized = whole(x_BCHW, transform, target);
  const [top, left] = [(target.height - size.height) >> 1, (target.width - size.width) >> 1];
  return tf.slice(resized, [0, 0, top, left], [-1, -1, size.height, size.width]);
}

/** Pillow's pixels are bytes after each of its two passes. */
function toGreyLevels(x: Tensor): Tensor {
  return tf.clipByValue(tf.floor(tf.add(x, 0.5)), 0, 255);
}
