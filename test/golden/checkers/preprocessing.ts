// B batch, C channels, H height, W width.
import {
  type ChannelNormalisation,
  FAMILY_TRANSFORMS,
  NORMALISATIONS,
  type PixelSize,
  preprocess,
} from '@hastejs/encoders';
import { type Tensor4D, tf } from '@hastejs/tensor';
import type { GoldenCase } from '../runner/golden-case.js';
import { checkResampling } from './center-crop.js';

/** How images reach the students (crops) and the teachers (normalised, on another grid). */
export function checkPreprocessing(golden: GoldenCase): void {
  checkResampling(golden);
  const inputs = golden.inputs.filter((key) => /^in\/image\d+$/.test(key));
  golden.require(inputs.length === 1, `one input in/image<size> expected, not ${inputs.length}`);
  const pixels_BCHW = tf.cast(golden.input<Tensor4D>(inputs[0]!), 'float32');
  golden.expect('out/dinov2', teacherInput(pixels_BCHW, NORMALISATIONS.imagenet));
  // For CLIP the released code resizes before it normalises: the same numbers, since the weights of a pixel sum to 1.
  golden.expect('out/clip', teacherInput(pixels_BCHW, NORMALISATIONS.clip));
  const [, , height, width] = pixels_BCHW.shape;
  golden.expect('out/mae_mocov3', thinned(golden, prepare(pixels_BCHW, NORMALISATIONS.imagenet, { height, width })));
  for (const key of golden.outputs) {
    const [, size] = /^out\/dinov2_(\d+)_formula_crop$/.exec(key) ?? [];
    if (size) golden.expect(key, formulaCrop(golden, Number(size)));
  }
}

/** 224 pixels for each 256: patches of 14 lie where the student's patches of 16 lie. */
function teacherInput(pixels_BCHW: Tensor4D, normalisation: ChannelNormalisation): Tensor4D {
  const size = 224 * Math.floor(pixels_BCHW.shape[3] / 256);
  return prepare(pixels_BCHW, normalisation, { height: size, width: size });
}

/** As in training, where no family's own filter matters. */
function prepare(pixels_BCHW: Tensor4D, normalisation: ChannelNormalisation, size: PixelSize): Tensor4D {
  const transform = FAMILY_TRANSFORMS.dinov2;
  return preprocess(pixels_BCHW, { kind: 'training', transform, normalisation }, size);
}

/** The file stores every n-th row and column. */
function thinned(golden: GoldenCase, x_BCHW: Tensor4D): Tensor4D {
  const [, , height] = golden.shape('out/mae_mocov3');
  const n = x_BCHW.shape[2] / height!;
  return tf.stridedSlice(x_BCHW, [0, 0, 0, 0], [...x_BCHW.shape], [1, 1, n, n]) as Tensor4D;
}

/** A large image is given as a formula and stored as a crop; both stand in the case's own words. */
function formulaCrop(golden: GoldenCase, size: number): Tensor4D {
  const called = String(golden.fact('called'));
  const formula = /= \((\d+)x\+(\d+)y\+(\d+)c\+floor\(x\*y\/(\d+)\)\) mod (\d+)/.exec(called);
  const crop = /stored crop \[:, :, (\d+):(\d+), (\d+):(\d+)\]/.exec(called);
  if (!formula || !crop)
    throw new Error(`The case '${golden.name}' does not say its formula and crop as we know them.`);
  const [a, b, d, e, m] = formula.slice(1).map(Number) as [number, number, number, number, number];
  const [top, bottom, left, right] = crop.slice(1).map(Number) as [number, number, number, number];
  const values = Float32Array.from({ length: 3 * size * size }, (_, i) => {
    const [x, y, c] = [i % size, Math.floor(i / size) % size, Math.floor(i / (size * size))];
    return (a * x + b * y + d * c + Math.floor((x * y) / e)) % m;
  });
  const resized = teacherInput(tf.tensor4d(values, [1, 3, size, size]), NORMALISATIONS.imagenet);
  return tf.slice(resized, [0, 0, top, left], [1, 3, bottom - top, right - left]);
}
