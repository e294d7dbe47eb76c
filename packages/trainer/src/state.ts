import type { Optimizer, Student, TerminationTrigger } from '@hastejs/plugin-api';
import { type Params, type Rng, cloneParams, disposeParams, omitParams, pickParams, tf } from '@hastejs/tensor';
import type { Alignment } from './alignment.js';
import type { Chosen } from './checkpoint/choose.js';
import type { RunTensors } from './checkpoint/format.js';
import { loadTensors } from './checkpoint/load.js';
import { type Phase, advance, firstPhase } from './phase.js';
import type { Weights } from './step.js';

/** What the loop carries from step to step. */
export interface LoopState {
  /** Number of completed steps. */
  readonly step: number;
  /** Governs the next step. */
  readonly phase: Phase;
  readonly weights: Weights;
}

/** The state before the first step. The phase machine is asked already here: a trigger may end alignment at step 0. */
export function begin(
  student: Student,
  optimizer: Optimizer,
  alignment: Alignment | null,
  trigger: TerminationTrigger | null,
  rng: Rng,
): LoopState {
  const first = firstPhase(alignment !== null, trigger);
  const phase = advance(first, trigger, { step: 0, epoch: 0, imagesSeen: 0, metrics: {} });
  // A tidy keeps what it returns, and leaves nothing behind when one of them throws.
  const weights = tf.tidy(() => {
    const own = student.init(rng.stream('init'));
    const params = byName({ ...own, ...alignment?.init(rng.stream('alignment-init')) });
    const ema = cloneParams(omitParams(own, student.frozen));
    return { params, ema, optimizer: optimizer.init(omitParams(params, student.frozen)) };
  });
  return { step: 0, phase, weights };
}

/** Projector parameters apart from the student's, as a checkpoint keeps them. */
export function tensorsOf({ params, ema, optimizer }: Weights, alignment: Alignment | null): RunTensors {
  const retiring = Object.keys(params).filter((name) => alignment?.owns(name));
  return { params: omitParams(params, retiring), alignment: pickParams(params, retiring), ema, optimizer };
}

/** The state that a verified checkpoint holds. The phase was decided before it was saved, so the trigger is not asked. */
export async function restore({ path, runFile }: Chosen): Promise<LoopState> {
  const { params, alignment, ema, optimizer } = await loadTensors(path);
  const weights = { params: byName({ ...params, ...alignment }), ema, optimizer };
  return { step: runFile.step, phase: runFile.phase, weights };
}

/** Sums over parameters (the gradient norm) depend on their order in the last bit: it is by name, fresh or restored. */
function byName(params: Params): Params {
  return Object.fromEntries(Object.entries(params).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Removes by name what belongs to alignment, parameters and moments, and frees it. */
export function retire(weights: Weights, alignment: Alignment): Weights {
  const split = (params: Params): Params => {
    const retiring = Object.keys(params).filter((name) => alignment.owns(name));
    disposeParams(pickParams(params, retiring));
    return omitParams(params, retiring);
  };
  return {
    params: split(weights.params),
    ema: split(weights.ema),
    optimizer: Object.fromEntries(Object.entries(weights.optimizer).map(([slot, params]) => [slot, split(params)])),
  };
}

export function disposeWeights({ params, ema, optimizer }: Weights): void {
  for (const group of [params, ema, ...Object.values(optimizer)]) disposeParams(group);
}
