import type { Kind } from '@hastejs/plugin-api';
import { dataFaults, measuredFault, optimizerFault, pairsFault, reportFault, sampledFault } from './answers-host.js';
import { lossFault, outputFault, tapsFault } from './answers-tensors.js';
import { decisionFault, jsonFault } from './answers-trigger.js';

/** What is wrong with an answer, or null. It looks at shapes, types and names, never at numbers on the backend. */
type Check = (answer: unknown, args: readonly unknown[], extension: Members) => string | null;
type Members = Readonly<Record<string, unknown>>;

/** Answers that people would otherwise meet as a mistake of the framework, some calls later. */
const CHECKS: Readonly<Partial<Record<Kind, Readonly<Record<string, Check>>>>> = {
  teacher: { encode: (answer, [images, taps], { spec }) => tapsFault(answer, taps, images, spec) },
  alignmentLoss: { loss: lossFault },
  targetLayers: { select: pairsFault },
  trigger: { init: (state) => jsonFault(state, 'its state'), decide: decisionFault },
  metric: { measure: (answer, _, { names }) => measuredFault(answer, names) },
  student: {
    forward: (answer, [, input, taps], { spec }) => outputFault(answer, input, taps, spec),
    encode: (answer, [, input, taps], { spec }) => tapsFault(answer, taps, (input as { x_BCHW: unknown }).x_BCHW, spec),
  },
  dataset: {
    read: (answer, [indices], { spec }) => dataFaults(answer, (indices as ArrayLike<number>).length, spec),
    readItems: (answer, [items], { spec }) =>
      dataFaults(answer, (items as { indices_B: ArrayLike<number> }).indices_B.length, spec),
  },
  sampler: { sample: (answer, [problem]) => sampledFault(answer, problem) },
  optimizer: { update: (answer, [update]) => optimizerFault(answer, update) },
  backend: { probe: reportFault },
};

export function answerFault(
  kind: Kind,
  member: string,
  answer: unknown,
  args: readonly unknown[],
  extension: Members,
): string | null {
  return CHECKS[kind]?.[member]?.(answer, args, extension) ?? null;
}
