import { creationChecks } from './creation.js';
import { declarationChecks } from './declaration.js';
import { type LayersCase, layersChecks } from './layers/layers-checks.js';
import { lossChecks } from './loss/loss-checks.js';
import { teacherChecks } from './teacher/teacher-checks.js';
import type { TriggerCase } from './trigger/story.js';
import { triggerChecks } from './trigger/trigger-checks.js';

const common = { ...declarationChecks, ...creationChecks };

/** All checks by kind, in the order in which they are run. */
export const KIND_CHECKS = {
  teacher: { ...common, ...teacherChecks },
  alignmentLoss: { ...common, ...lossChecks },
  targetLayers: { ...common, ...layersChecks },
  trigger: { ...common, ...triggerChecks },
  metric: { ...common },
  student: { ...common },
  dataset: { ...common },
  sampler: { ...common },
  optimizer: { ...common },
  logger: { ...common },
  backend: { ...common },
};

type Nothing = Readonly<Record<never, never>>;

/** What a case may say besides, by kind. */
export interface CaseExtras {
  readonly teacher: Nothing;
  readonly alignmentLoss: Nothing;
  readonly targetLayers: LayersCase;
  readonly trigger: TriggerCase;
  readonly metric: Nothing;
  readonly student: Nothing;
  readonly dataset: Nothing;
  readonly sampler: Nothing;
  readonly optimizer: Nothing;
  readonly logger: Nothing;
  readonly backend: Nothing;
}
