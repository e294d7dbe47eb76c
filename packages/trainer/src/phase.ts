import { HasteError, type Json, type Observation, type TerminationTrigger } from '@hastejs/plugin-api';

/**
 * Phase I aligns and carries the trigger's state, and, on a ramp, its factor on the weights of the next step; phase II is
 * free of the teacher. This is all that is checkpointed.
 */
export type Phase =
  | { readonly kind: 'aligning'; readonly trigger: Json; readonly weight?: number }
  | { readonly kind: 'free'; readonly since: number; readonly reason: string };

/**
 * The phase machine (paper section 4, one shot): called at every step boundary, also before the first step; its answer
 * governs the next step. Pure. Once free, free for good.
 */
export function advance(phase: Phase, trigger: TerminationTrigger | null, observation: Observation): Phase {
  if (phase.kind === 'free' || trigger === null) return phase;
  const { state, stop, weight = 1 } = trigger.decide(phase.trigger, observation);
  if (stop !== undefined) return { kind: 'free', since: observation.step, reason: stop };
  if (!(weight >= 0 && weight <= 1)) throw wrongWeight(weight, observation.step);
  return { kind: 'aligning', trigger: state, ...(weight !== 1 && { weight }) };
}

/** What the trigger leaves of every alignment weight in the next step. */
export function factorOf(phase: Phase): number {
  return phase.kind === 'aligning' ? (phase.weight ?? 1) : 0;
}

function wrongWeight(weight: number, step: number): HasteError {
  return new HasteError('EXTENSION_FAILED', {
    what: `The trigger answered with the weight ${weight}; a weight is a factor from 0 to 1.`,
    where: `alignment.until, after step ${step}`,
    fix: 'Report this to the author of the plugin.',
  });
}

/** The phase a fresh run begins in; without alignment there is nothing to let go of. */
export function firstPhase(aligns: boolean, trigger: TerminationTrigger | null): Phase {
  return aligns
    ? { kind: 'aligning', trigger: trigger?.init() ?? null }
    : { kind: 'free', since: 0, reason: 'the recipe has no alignment' };
}
