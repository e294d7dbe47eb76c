import type { Json, JsonObject } from './json.js';

/** Facts at a step boundary: `step` steps are complete; the answer governs the next one. */
export interface Observation {
  readonly step: number;
  readonly epoch: number;
  readonly imagesSeen: number;
  /** Watched metrics measured since the last observation, by name. Absent when not measured. */
  readonly metrics: Readonly<Record<string, number>>;
}

export interface Decision<S extends Json = Json> {
  readonly state: S;
  /** Present when alignment must end: one sentence, shown to people and kept in the run's report. */
  readonly stop?: string;
  /** Factor on every alignment weight in the next step, in [0, 1]; absent: 1. A stop is final whatever it says. */
  readonly weight?: number;
}

/** A metric with its options, as a recipe names it: `Ref<'metric'>`. */
export interface MetricRef {
  readonly kind: 'metric';
  readonly id: string;
  readonly with: JsonObject;
}

/** Decides when alignment ends. `decide` is pure: same state and observation, same answer. */
export interface TerminationTrigger<S extends Json = Json> {
  /** Names of the metrics it needs, such as `loss/denoise`, `align/feature` or one of a metric extension. */
  readonly watches: readonly string[];
  /**
   * Metrics that must be measured for it, besides those that the recipe lists. One that both name with the same options is
   * measured once.
   */
  readonly measures?: readonly MetricRef[];
  init(): S;
  decide(state: S, observation: Observation): Decision<S>;
}
