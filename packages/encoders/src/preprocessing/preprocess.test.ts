// C channels, H×W pixels.
import { BICUBIC, type Filter, type Raster, resample } from '@hastejs/data';
import { type Tensor4D, rng, tf } from '@hastejs/tensor';
import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { FAMILY_TRANSFORMS } from './family-transform.js';
import { NORMALISATIONS } from './normalisation.js';
import { type Preprocessing, preprocess } from './preprocess.js';

const BILINEAR: Filter = { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) };
const [H, W] = [37, 53];
const bytes_HWC = Uint8Array.from(rng(1).integers(H * W * 3, 256));
const image: Raster = { width: W, height: H, channels: 3, data_HWC: bytes_HWC };

/** The image as a batch of one: [1, C, H, W]. */
function batch(): Tensor4D {
  const pixels = tf.tensor4d(Float32Array.from(bytes_HWC), [1, H, W, 3]);
  return tf.transpose(pixels, [0, 3, 1, 2]);
}

/** What Pillow's numbers are after normalisation, in the order [C, h, w]. */
function normalised(raster: Raster, { mean, std }: Preprocessing['normalisation'], top = 0, left = 0, side?: number) {
  const [h, w] = [side ?? raster.height, side ?? raster.width];
  return Float32Array.from({ length: 3 * h * w }, (_, i) => {
    const [c, y, x] = [Math.floor(i / (h * w)), Math.floor(i / w) % h, i % w];
    const byte = raster.data_HWC[((top + y) * raster.width + left + x) * 3 + c]!;
    return (byte / 255 - mean[c]!) / std[c]!;
  });
}

const normalisation = NORMALISATIONS.clip;
const settings = (kind: Preprocessing['kind'], transform: Preprocessing['transform']): Preprocessing => ({
  kind,
  transform,
  normalisation,
});

/**
 * Equal pixels, but for those that lie between two grey levels: which one they become hangs on the last bit, which differs
 * between float32 and Pillow's fixed point. With a triangle and sizes in a small ratio, exact halves are common.
 * @param halves most that may be one level off, of all.
 */
function expectPixels(actual: Tensor4D, expected: Float32Array, halves = 0.001): void {
  const values = actual.dataSync();
  expect(values).toHaveLength(expected.length);
  const off = [...values].map((value, i) => Math.abs(value - expected[i]!)).filter((difference) => difference > 1e-5);
  expect(off.length / expected.length).toBeLessThan(halves);
  expect(Math.max(0, ...off)).toBeLessThan(1.01 / 255 / Math.min(...normalisation.std));
}

describeEachBackend('preprocessing', () => {
  it.each([
    ['bicubic', BICUBIC, 20, 24, 0.001],
    ['bilinear', BILINEAR, 20, 24, 0.02],
    ['bicubic', BICUBIC, 60, 80, 0.001],
    ['bilinear', BILINEAR, 60, 80, 0.02],
  ] as const)(
    "resizes the whole image as the family's own %s filter does in Pillow",
    (filter, own, height, width, halves) => {
      tf.tidy(() => {
        const how = settings('family', { ...FAMILY_TRANSFORMS.dinov2, filter });
        const expected = normalised(resample(image, { width, height }, own), normalisation);
        expectPixels(preprocess(batch(), how, { height, width }), expected, halves);
      });
    },
  );

  it('evaluates on the middle, the short side resized to the same share of the crop at every size', () => {
    tf.tidy(() => {
      // 256 to 224 is 24 to 21; the long side is ⌊53 · 24/37⌋ = 34.
      const how = settings('evaluation', FAMILY_TRANSFORMS.dinov2);
      const resized = resample(image, { width: 34, height: 24 }, BICUBIC);
      expectPixels(preprocess(batch(), how, { height: 21, width: 21 }), normalised(resized, normalisation, 1, 6, 21));
    });
  });

  it('stretches to a square where the family does', () => {
    tf.tidy(() => {
      const how = settings('evaluation', FAMILY_TRANSFORMS['dinov3-hf']);
      const resized = resample(image, { width: 32, height: 32 }, BILINEAR);
      expectPixels(preprocess(batch(), how, { height: 32, width: 32 }), normalised(resized, normalisation), 0.02);
    });
  });

  it.each(['training', 'family', 'evaluation'] as const)('repeats grey images for three channels, for %s', (kind) => {
    tf.tidy(() => {
      const grey = tf.slice(batch(), [0, 0, 0, 0], [1, 1, H, W]);
      const how = settings(kind, FAMILY_TRANSFORMS.clip);
      const size = { height: 16, width: 16 };
      const [once, repeated] = [grey, tf.concat([grey, grey, grey], 1)].map((x) =>
        preprocess(x as Tensor4D, how, size),
      );
      expect(once!.shape).toEqual([1, 3, 16, 16]);
      expect(once!.dataSync()).toEqual(repeated!.dataSync());
    });
  });

  it.each(['training', 'family', 'evaluation'] as const)('leaks nothing, for %s', (kind) => {
    const x_BCHW = batch();
    expectNoLeaks(() => preprocess(x_BCHW, settings(kind, FAMILY_TRANSFORMS.clip), { height: 16, width: 16 }));
    x_BCHW.dispose();
  });
});
