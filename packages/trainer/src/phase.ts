import type { Json, Observation, TerminationTrigger } from '@hastejs/plugin-api';

/** Phase I aligns and carries the trigger's state; phase II is free of the teacher. This is all that is checkpointed. */
export type Phase =
  | { readonly kind: 'aligning'; readonly trigger: Json }
  | { readonly kind: 'free'; readonly since: number; readonly reason: string };

/**
 * The phase machine (paper section 4, one shot): called at every step boundary, also before the first step; its answer
 * governs the next step. Pure. Once free, free for good.
 */
export function advance(phase: Phase, trigger: TerminationTrigger | null, observation: Observation): Phase {
  if (phase.kind === 'free' || trigger === null) return phase;
  const { state, stop } = trigger.decide(phase.trigger, observation);
  return stop === undefined
    ? { kind: 'aligning', trigger: state }
    : { kind: 'free', since: observation.step, reason: stop };
}

/** The phase a fresh run begins in; without alignment there is nothing to let go of. */
export function firstPhase(aligns: boolean, trigger: TerminationTrigger | null): Phase {
  return aligns
    ? { kind: 'aligning', trigger: trigger?.init() ?? null }
    : { kind: 'free', since: 0, reason: 'the recipe has no alignment' };
}
