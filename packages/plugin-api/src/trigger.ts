import type { Json } from './json.js';

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
}

/** Decides when alignment ends. `decide` is pure: same state and observation, same answer. */
export interface TerminationTrigger<S extends Json = Json> {
  /** Names of the metrics it needs, such as `loss/denoise`, `align/feature` or one of a metric extension. */
  readonly watches: readonly string[];
  init(): S;
  decide(state: S, observation: Observation): Decision<S>;
}
