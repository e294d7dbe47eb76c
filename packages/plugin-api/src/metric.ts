import type { Params } from '@hastejs/tensor';

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

/** A batch of the probe set. */
export interface ProbeBatch extends GradientSource {
  /** Number of images. */
  readonly size: number;
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
   * @throws HasteError EXTENSION_OPTIONS when the data set has fewer images.
   */
  probes(images: number): AsyncIterable<ProbeBatch>;
}

/** A measurement on a schedule in steps. */
export interface Metric {
  /** Names of the values it yields, for triggers and loggers: `metric/<name>`. */
  readonly names: readonly string[];
  /** Measured after every `every`-th step. */
  readonly every: number;
  /** Whether it can still be measured once alignment has ended. */
  readonly needsAlignment: boolean;
  measure(context: MetricContext): Promise<Record<string, number>> | Record<string, number>;
}
