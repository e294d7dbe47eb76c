import type { Params } from '@hastejs/tensor';

/** What a metric may look at, at a step boundary. Everything is computed only when asked for. */
export interface MetricContext {
  readonly step: number;
  /** `denoise` and the names of the alignment terms still alive. */
  readonly terms: readonly string[];
  /** Current parameters; do not dispose. */
  readonly params: Params;
  /**
   * Gradient of one unweighted loss term on the probe batch at the times given (default: drawn as in training).
   * The caller disposes the tensors.
   */
  gradients(term: string, times?: readonly number[]): Params;
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
