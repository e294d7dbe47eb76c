import type { ContractCase } from '../contract/case.js';
import { type BackendCase, backendChecks } from './backend/backend-checks.js';
import { creationChecks } from './creation.js';
import { datasetChecks } from './dataset/dataset-checks.js';
import { declarationChecks } from './declaration.js';
import { type RunCase, runChecks } from './in-a-run.js';
import { type LayersCase, layersChecks } from './layers/layers-checks.js';
import { type LoggerCase, loggerChecks, unreadableLogger } from './logger/logger-checks.js';
import { lossChecks } from './loss/loss-checks.js';
import { metricChecks } from './metric/metric-checks.js';
import type { MetricCase } from './metric/metric-runs.js';
import { optimizerChecks } from './optimizer/optimizer-checks.js';
import { samplerChecks } from './sampler/sampler-checks.js';
import { studentAnswers } from './student/student-answers.js';
import { studentTraining } from './student/student-training.js';
import { teacherAnswers } from './teacher/teacher-answers.js';
import { teacherConduct } from './teacher/teacher-conduct.js';
import type { TriggerCase } from './trigger/story.js';
import { triggerChecks } from './trigger/trigger-checks.js';

const common = { ...declarationChecks, ...creationChecks };

/** All checks by kind, in the order in which they are run. */
export const KIND_CHECKS = {
  teacher: { ...common, ...teacherAnswers, ...teacherConduct, ...runChecks },
  alignmentLoss: { ...common, ...lossChecks, ...runChecks },
  targetLayers: { ...common, ...layersChecks, ...runChecks },
  trigger: { ...common, ...triggerChecks, ...runChecks },
  metric: { ...common, ...metricChecks },
  student: { ...common, ...studentAnswers, ...studentTraining, ...runChecks },
  dataset: { ...common, ...datasetChecks, ...runChecks },
  sampler: { ...common, ...samplerChecks },
  optimizer: { ...common, ...optimizerChecks, ...runChecks },
  logger: { ...common, ...loggerChecks, ...runChecks },
  backend: { ...common, ...backendChecks },
};

type Nothing = Readonly<Record<never, never>>;

/** What a case may say besides, by kind. */
export interface CaseExtras {
  readonly teacher: RunCase;
  readonly alignmentLoss: RunCase;
  readonly targetLayers: RunCase & LayersCase;
  readonly trigger: RunCase & TriggerCase;
  readonly metric: MetricCase;
  readonly student: RunCase;
  readonly dataset: RunCase;
  readonly sampler: Nothing;
  readonly optimizer: RunCase;
  readonly logger: RunCase & LoggerCase;
  readonly backend: BackendCase;
}

/** A case of an extension of any kind, its options unchecked. */
export type AnyCase = ContractCase<unknown> &
  RunCase &
  LayersCase &
  TriggerCase &
  LoggerCase &
  MetricCase &
  BackendCase;

/** Checks that a case gives nothing to check by, each with the reason. */
export function inapplicable(contractCase: object): Readonly<Record<string, string>> {
  const { refuses, stopsAt } = contractCase as { readonly refuses?: readonly unknown[] } & TriggerCase;
  return {
    ...(!refuses?.length && {
      'refuses bad options with an error that people can read':
        'the case names no options that must be refused (refuses)',
    }),
    ...(stopsAt === undefined && { 'stops where the case says': 'the case does not say where it stops (stopsAt)' }),
    ...unreadableLogger(contractCase),
  };
}
