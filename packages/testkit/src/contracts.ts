import type { AnyExtension, Kind, Plugin } from '@hastejs/plugin-api';
import type { z } from 'zod';
import type { ContractCase } from './contract/case.js';
import type { Contract } from './contract/contract.js';
import { makeContract } from './contract/make-contract.js';
import { type CaseExtras, KIND_CHECKS, inapplicable } from './kinds/kind-checks.js';

type OptionsOf<E> = E extends { readonly options: infer S extends z.ZodType } ? z.input<S> : never;

/** Names of the checks of a kind: what `skip` may name. */
export type CheckName<K extends Kind> = keyof (typeof KIND_CHECKS)[K] & string;

/** One way to use an extension of a kind, typed by the extension's own options. */
export type CaseOf<K extends Kind, E = AnyExtension<K>> = ContractCase<OptionsOf<E>, CheckName<K>> & CaseExtras[K];

/**
 * @param extension what the kind's define helper made.
 * @param contractCase options to create it with, and what it needs around it.
 * @throws ContractFault for a skip without a reason.
 */
type ContractOf<K extends Kind> = <E extends AnyExtension<K>>(extension: E, contractCase?: CaseOf<K, E>) => Contract;

function contractOf<K extends Kind>(kind: K): ContractOf<K> {
  return (extension, contractCase) => extensionContract(kind, extension, contractCase as ContractCase<unknown>);
}

/** The contract of an extension of any kind, with its package if that is known. */
export function extensionContract<K extends Kind>(
  kind: K,
  extension: AnyExtension<K>,
  contractCase: ContractCase<unknown> = {},
  plugin?: Plugin,
): Contract {
  return makeContract({
    ...{ extension, contractCase, plugin },
    checks: KIND_CHECKS[kind] as never,
    inapplicable: inapplicable(contractCase),
  });
}

/** What a teacher promises: {@link @hastejs/plugin-api!TeacherEncoder | TeacherEncoder}. */
export const teacherContract = contractOf('teacher');
/** What an alignment loss promises: {@link @hastejs/plugin-api!AlignmentLoss | AlignmentLoss}. */
export const alignmentLossContract = contractOf('alignmentLoss');
/** What a choice of target layers promises: {@link @hastejs/plugin-api!TargetLayers | TargetLayers}. */
export const targetLayersContract = contractOf('targetLayers');
/** What a termination trigger promises: {@link @hastejs/plugin-api!TerminationTrigger | TerminationTrigger}. */
export const triggerContract = contractOf('trigger');
/** What a metric promises: {@link @hastejs/plugin-api!Metric | Metric}. */
export const metricContract = contractOf('metric');
/** What a student promises: {@link @hastejs/plugin-api!Student | Student}. */
export const studentContract = contractOf('student');
/** What a data set promises: {@link @hastejs/plugin-api!Dataset | Dataset}. */
export const datasetContract = contractOf('dataset');
/** What a sampler promises: {@link @hastejs/plugin-api!Sampler | Sampler}. */
export const samplerContract = contractOf('sampler');
/** What an optimizer promises: {@link @hastejs/plugin-api!Optimizer | Optimizer}. */
export const optimizerContract = contractOf('optimizer');
/** What a logger promises: {@link @hastejs/plugin-api!RunLogger | RunLogger}. */
export const loggerContract = contractOf('logger');
/** What a backend promises: {@link @hastejs/plugin-api!Backend | Backend}. */
export const backendContract = contractOf('backend');
