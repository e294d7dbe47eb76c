import type { Params, StepClock } from '@hastejs/tensor';
import type { Repeatable } from './repeatable.js';

/** Per-parameter state by slot name, for example { m: {...}, v: {...} }; each slot is keyed by parameter name. */
export type OptimizerState = Readonly<Record<string, Params>>;

export interface OptimizerUpdate {
  /** Consumed: disposed or overwritten in place. */
  readonly params: Params;
  /** Names without a gradient are left alone, weight decay included. Not consumed. */
  readonly grads: Params;
  /** Consumed. */
  readonly state: OptimizerState;
  /** The step, for bias correction and schedules: numbers that depend on it come from `clock.scalar`. */
  readonly clock: StepClock;
}

/** A first-order method over named parameters. */
export interface Optimizer extends Repeatable {
  /** Zero state for parameters that will receive gradients. */
  init(params: Params): OptimizerState;
  /** Returns parameters and state after the step; the caller owns them. */
  update(update: OptimizerUpdate): { params: Params; state: OptimizerState };
}
