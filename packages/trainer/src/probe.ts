import type { InterpolantName } from '@hastejs/diffusion';
import type { Student } from '@hastejs/plugin-api';
import type { Alignment } from './alignment.js';
import type { TrainingBatch } from './objective.js';
import type { ProbeSource } from './probes.js';
import type { Weights } from './step.js';

/** The moment that metrics look at. */
export interface Probe {
  readonly student: Student;
  readonly path: InterpolantName;
  readonly weights: Pick<Weights, 'params' | 'ema'>;
  /** Index of the step that trained on the batch. */
  readonly step: number;
  readonly batch: TrainingBatch;
  readonly alignment: Alignment | null;
  readonly probes: ProbeSource;
}
