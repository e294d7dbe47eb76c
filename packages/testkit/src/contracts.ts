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

/** What a teacher promises: `TeacherEncoder` of @hastejs/plugin-api. */
export const teacherContract = contractOf('teacher');
/** What an alignment loss promises: `AlignmentLoss` of @hastejs/plugin-api. */
export const alignmentLossContract = contractOf('alignmentLoss');
/** What a choice of target layers promises: `TargetLayers` of @hastejs/plugin-api. */
export const targetLayersContract = contractOf('targetLayers');
/** What a termination trigger promises: `TerminationTrigger` of @hastejs/plugin-api. */
export const triggerContract = contractOf('trigger');
/** What a metric promises: `Metric` of @hastejs/plugin-api. */
export const metricContract = contractOf('metric');
/** What a student promises: `Student` of @hastejs/plugin-api. */
export const studentContract = contractOf('student');
/** What a data set promises: `Dataset` of @hastejs/plugin-api. */
export const datasetContract = contractOf('dataset');
/** What a sampler promises: `Sampler` of @hastejs/plugin-api. */
export const samplerContract = contractOf('sampler');
/** What an optimizer promises: `Optimizer` of @hastejs/plugin-api. */
export const optimizerContract = contractOf('optimizer');
/** What a logger promises: `RunLogger` of @hastejs/plugin-api. */
export const loggerContract = contractOf('logger');
/** What a backend promises: `Backend` of @hastejs/plugin-api. */
export const backendContract = contractOf('backend');
