import type { TermWeight } from '@hastejs/core';

/** Where the weight of every alignment term stands: before which step, and what the trigger leaves of it. */
export interface WeightMoment {
  /** 0-based index of the step. */
  readonly step: number;
  /** The trigger's factor: below 1 on a ramp. */
  readonly factor: number;
}

/** The share of a ramp that is done, as the share of the way that its weight has gone. */
const SHAPES = {
  linear: (share: number) => share,
  cosine: (share: number) => (1 - Math.cos(Math.PI * share)) / 2,
} as const;

/** λ of a term in a step, without its dependence on time. A function of the step alone: nothing to save. */
export function weightAt(weight: TermWeight, { step, factor }: WeightMoment): number {
  return factor * scheduled(weight, step);
}

function scheduled(weight: TermWeight, step: number): number {
  if (typeof weight === 'number') return weight;
  const { value, ramp } = weight;
  if (!ramp) return value;
  const share = Math.min(1, Math.max(0, (step - ramp.start) / ramp.steps));
  return value + (ramp.to - value) * SHAPES[ramp.shape](share);
}

/** Whether a term's weight is other in some step than in others. */
export function varies(weight: TermWeight): boolean {
  return typeof weight !== 'number' && weight.ramp !== undefined && weight.ramp.to !== weight.value;
}

/** Whether a term's weight depends on the diffusion time of each sample. */
export function isBanded(weight: TermWeight): boolean {
  return typeof weight !== 'number' && weight.overTime !== undefined;
}

/** The step from which a ramp has brought a weight down to zero for good, or Infinity. */
export function spentAt(weight: TermWeight): number {
  if (typeof weight === 'number' || weight.ramp?.to !== 0) return Infinity;
  return weight.ramp.start + weight.ramp.steps;
}
