// B batch, T tokens, D width.
import type { Params, Tensor3D } from '@hastejs/tensor';
import type { Guidance, Sampler } from './sampler.js';
import type { QueryKey, TapValues, Taps, TokenSite } from './taps.js';

/** Gradients on some images. Each is computed when, and only if, it is asked for. */
export interface GradientSource {
  /**
   * Gradient of one loss on the batch: `denoise`, an alignment term without its weight, or `alignment`, the sum of the terms
   * with the weights that govern this step.
   * @param times diffusion times, dealt to the batch in turn; default: drawn as in training.
   * @returns the gradient with respect to every trainable parameter that the loss depends on. The caller disposes it.
   * @throws HasteError EXTENSION_FAILED for a name that is no loss of this moment.
   */
  gradients(term: string, times?: readonly number[]): Params;
}

/**
 * A batch of the probe set. What models see of it is computed when, and only if, it is asked for, and no gradient goes
 * through it. Ask inside a `tf.tidy`: the tensors are the caller's tidy's.
 */
export interface ProbeBatch extends GradientSource {
  /** Number of images. */
  readonly size: number;
  /** Class of each image, never the null class. */
  readonly labels_B: Int32Array;
  /**
   * Taps of the student as it is now, at one diffusion time. The student runs up to the last of them and no further.
   * @param time in [0, 1]; 0 is data.
   * @param labels whether it is told the class of each image, or the null class.
   */
  taps(taps: Taps, time: number, labels?: 'own' | 'none'): TapValues;
  /**
   * What the teacher of an alignment term gives that term.
   * @throws HasteError EXTENSION_FAILED for a term that is not alive.
   */
  teacher(term: string, time: number): TapValues;
  /**
   * What an alignment term compares at one diffusion time, pair by pair: on the same grid and heads, the student's tokens
   * through the term's projector.
   * @throws HasteError EXTENSION_FAILED for a term that is not alive.
   */
  pairs(term: string, time: number): readonly ComparedPair[];
}

/** One student block and one teacher block as an alignment term sees them. */
export type ComparedPair = { readonly student: number; readonly teacher: TokenSite } & (
  | { readonly reads: 'tokens'; readonly student_BTD: Tensor3D; readonly teacher_BTD: Tensor3D }
  | { readonly reads: 'attention'; readonly studentMaps: QueryKey; readonly teacherMaps: QueryKey }
);

/** Images for a metric to look at. */
export interface SampleRequest {
  /** The class of each image. */
  readonly labels_B: Int32Array;
  readonly sampler: Sampler;
  readonly guidance: Guidance;
  /** The same seed starts from the same noise at every measurement. */
  readonly seed: number;
}

/** What a metric may look at, at a step boundary. Everything is computed only when asked for. */
export interface MetricContext extends GradientSource {
  readonly step: number;
  /** `denoise` and the names of the alignment terms still alive. */
  readonly terms: readonly string[];
  /** Current parameters; do not dispose. */
  readonly params: Params;
  /**
   * A probe set of `images` images in batches of at most the run's batch size, the last one smaller: at every measurement
   * the same images with the same noise and their own labels, so that what changes is the student. A batch lives until the
   * next one is asked for.
   * @param atOnce images in a batch at most, for a metric that takes more memory than training: the images and their noise
   * are the same.
   * @throws HasteError EXTENSION_OPTIONS when the data set has fewer images.
   */
  probes(images: number, atOnce?: number): AsyncIterable<ProbeBatch>;
  /**
   * Draws images from the moving average of the student as it is now.
   * @returns pixels, uint8 [B, C, H, W] in the order of the labels.
   */
  sample(request: SampleRequest): Promise<Uint8Array>;
}

/**
 * A measurement on a schedule in steps. It is measured only where somebody wants it: a logger, which takes all values, or
 * the trigger that watches one of its names.
 */
export interface Metric {
  /** Names of the values it yields, for triggers and loggers: `metric/<name>`. */
  readonly names: readonly string[];
  /** Measured after every `every`-th step. */
  readonly every: number;
  /** Whether it can still be measured once alignment has ended. */
  readonly needsAlignment: boolean;
  measure(context: MetricContext): Promise<Record<string, number>> | Record<string, number>;
}
