import type { Dataset, ImageShape } from '@hastejs/plugin-api';
import { rng as makeRng } from '@hastejs/tensor';
import type { Classifier } from './classifier.js';
import { frechetDistance } from './frechet.js';
import { FeatureStatistics, type Moments } from './statistics.js';

// B images, C channels, H height, W width.

/** Images seen together: large enough for fast products, small enough for a few dozen MiB. */
const TOGETHER = 200;

/** Images with the classes that they are meant to be of. */
export interface LabelledImages {
  /** uint8 [B, C, H, W] */
  readonly images_BCHW: Uint8Array;
  readonly labels_B: ArrayLike<number>;
  readonly shape: ImageShape;
}

/** What a classifier makes of images. */
export interface Judgement {
  readonly moments: Moments;
  /** Share of images taken for the class that they are meant to be of. */
  readonly accuracy: number;
}

export interface Score {
  /** Squared Fréchet distance to the reference in feature space; lower is better. */
  readonly frechet: number;
  /** Share of samples that the classifier takes for their own label. */
  readonly accuracy: number;
  readonly samples: number;
}

/** Shows images to a classifier. */
export async function judge(
  classifier: Classifier,
  { images_BCHW, labels_B, shape }: LabelledImages,
): Promise<Judgement> {
  const size = shape.channels * shape.height * shape.width;
  const read = (from: number, to: number) => Promise.resolve(images_BCHW.subarray(from * size, to * size));
  return judgeBatches(classifier, labels_B.length, shape, async (from, to) => ({
    pixels: await read(from, to),
    labels: Array.from({ length: to - from }, (_, i) => labels_B[from + i]!),
  }));
}

/**
 * Shows the first `count` images of a data set to a classifier: what samples are compared with.
 * @param count default: all of them.
 */
export async function judgeDataset(
  classifier: Classifier,
  dataset: Dataset,
  count = dataset.spec.length,
): Promise<Judgement> {
  const draws = makeRng(0); // for data sets that augment
  return judgeBatches(classifier, Math.min(count, dataset.spec.length), dataset.spec.image, async (from, to) => {
    const { images_BCHW, labels_B } = await dataset.read(
      Int32Array.from({ length: to - from }, (_, i) => from + i),
      draws.at(from),
    );
    return { pixels: images_BCHW, labels: [...labels_B] };
  });
}

/** Holds samples against a reference. */
export async function scoreSamples(
  classifier: Classifier,
  samples: LabelledImages,
  reference: Moments,
): Promise<Score> {
  const { moments, accuracy } = await judge(classifier, samples);
  return { frechet: frechetDistance(moments, reference), accuracy, samples: moments.count };
}

async function judgeBatches(
  classifier: Classifier,
  count: number,
  shape: ImageShape,
  read: (from: number, to: number) => Promise<{ pixels: Uint8Array; labels: readonly number[] }>,
): Promise<Judgement> {
  const statistics = new FeatureStatistics(classifier.width);
  let right = 0;
  for (let from = 0; from < count; from += TOGETHER) {
    const { pixels, labels } = await read(from, Math.min(count, from + TOGETHER));
    const { features_BD, guesses_B } = await classifier.look(pixels, shape);
    statistics.add(features_BD);
    right += labels.filter((label, i) => label === guesses_B[i]).length;
  }
  return { moments: statistics.moments(), accuracy: right / count };
}
