import type { Optimizer, OptimizerState } from '@hastejs/plugin-api';
import {
  type Params,
  type Scalar,
  StepClock,
  type StepNumber,
  type Tensor,
  disposeParams,
  mapParams,
  tf,
} from '@hastejs/tensor';
import { unnoted } from '../../measure/journal.js';
import { normalInput } from '../../measure/tensors.js';

export const SHAPES = { 'block.weight': [3, 4], 'block.bias': [4], scale: [] } as const;

/** Parameters and state between two steps. */
export interface Held {
  readonly params: Params;
  readonly state: OptimizerState;
}

/** A clock whose numbers are inputs of a step: they change, and a repetition makes them anew. */
export class InputClock extends StepClock {
  override scalar(number: StepNumber): Scalar {
    return unnoted(() => super.scalar(number));
  }
}

export function begin(optimizer: Optimizer): Held {
  const params = Object.fromEntries(Object.entries(SHAPES).map(([name, shape]) => [name, normalInput(name, shape)]));
  return { params, state: optimizer.init(params) };
}

/** Of Σx²/2: the parameters themselves. */
export const gradientsOf = (params: Params): Params => copy(params);

export const copy = (params: Params): Params =>
  mapParams(params, (x): Tensor => tf.tensor(x.dataSync().slice(), x.shape));

export const without = ({ scale: _retired, ...rest }: Params): Params => rest;

export function step(
  optimizer: Optimizer,
  held: Held,
  index: number,
  some: (grads: Params) => Params = (all) => all,
): Held {
  const grads = gradientsOf(held.params);
  const next = update(optimizer, held, some(grads), index);
  disposeParams(grads);
  return next;
}

export function update(optimizer: Optimizer, { params, state }: Held, grads: Params, index: number): Held {
  const clock = new StepClock(index);
  try {
    return optimizer.update({ params, grads, state, clock });
  } finally {
    clock.dispose();
  }
}

export function freeHeld({ params, state }: Held): void {
  tf.dispose([params, ...Object.values(state)]);
}
