import { uploadTaps } from '@hastejs/features';
import type { ImageBatch, ImageShape } from '@hastejs/plugin-api';
import { type TimeSampling, type InterpolantName, sampleTimes } from '@hastejs/diffusion';
import { type Rng, type Tensor, type Tensor1D, type Tensor4D, normalTensor, tf } from '@hastejs/tensor';
import type { FetchedTaps } from './alignment.js';
import type { TeacherValues } from './encode-teacher.js';
import type { LoadedBatch } from './batch-source.js';
import type { TrainingBatch } from './objective.js';
import { tapTensors } from './tap-pairs.js';

export interface DrawRecipe {
  readonly image: ImageShape;
  readonly path: InterpolantName;
  readonly time: TimeSampling;
  /** Probability that a label turns into the null class. */
  readonly labelDropout: number;
  /** Number of classes; also the index of the null class. */
  readonly classes: number;
}

/**
 * Puts a batch on the backend and draws its times, noise and label dropout. Every draw is a function of (seed, step)
 * alone, in a stream of its own: nothing to save, and ending phase I cannot shift phase II's noise.
 */
export function drawBatch(recipe: DrawRecipe, batch: LoadedBatch, rng: Rng, step: number): TrainingBatch {
  const images_BCHW = pixelTensor(recipe.image, batch);
  const { shape } = images_BCHW;
  const [B] = shape;
  return {
    images_BCHW,
    x0_BCHW: pixelsToState(images_BCHW),
    noise_BCHW: normalTensor(rng.stream('noise').at(step), shape) as Tensor4D,
    t_B: tf.tensor1d(sampleTimes(recipe.time, recipe.path, rng.stream('time').at(step), B)),
    y_B: dropLabels(recipe, batch.labels_B, rng.stream('label-dropout').at(step).uniform(B)),
    ...(batch.fetched && { fetched: uploadFetched(batch.fetched) }),
  };
}

/** Raw pixels as float32 on the backend. */
export function pixelTensor({ channels, height, width }: ImageShape, batch: ImageBatch): Tensor4D {
  const shape: [number, number, number, number] = [batch.labels_B.length, channels, height, width];
  return tf.tensor4d(Float32Array.from(batch.images_BCHW), shape);
}

/** x₀ = pixels / 127.5 − 1. */
export function pixelsToState(images_BCHW: Tensor4D): Tensor4D {
  return tf.tidy(() => tf.sub(tf.div(images_BCHW, 127.5), 1));
}

function dropLabels({ labelDropout, classes }: DrawRecipe, labels_B: Int32Array, u_B: Float32Array): Tensor1D {
  return tf.tensor1d(
    labels_B.map((label, i) => (u_B[i]! < labelDropout ? classes : label)),
    'int32',
  );
}

function uploadFetched(fetched: FetchedTaps): TeacherValues {
  return new Map([...fetched].map(([teacher, taps]) => [teacher, uploadTaps(taps)]));
}

/** All tensors of a batch, in an order that follows from its parts and taps. */
export function batchTensors({ fetched, ...own }: TrainingBatch): Tensor[] {
  return [...Object.values(own), ...[...(fetched?.values() ?? [])].flatMap(tapTensors)];
}

export const disposeBatch = (batch: TrainingBatch): void => tf.dispose(batchTensors(batch));
