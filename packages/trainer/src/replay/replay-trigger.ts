import type { TerminationTrigger } from '@hastejs/plugin-api';
import { type Phase, advance, factorOf, firstPhase } from '../phase.js';
import { type ObservationSource, observe } from './observations.js';

export interface Replayed {
  /** After the last boundary that was asked. */
  readonly phase: Phase;
  /** Factors below 1 that the trigger left of the weights, by the 0-based step that they governed. */
  readonly factors: readonly (readonly [step: number, factor: number])[];
}

/**
 * Asks a trigger at every boundary from 0 to `until`, as a run does. Steps without values are asked too: what counts steps
 * must see them.
 */
export function replayTrigger(
  trigger: TerminationTrigger | null,
  values: ReadonlyMap<number, Readonly<Record<string, number>>>,
  source: Omit<ObservationSource, 'watches'>,
  until: number,
): Replayed {
  const seen: ObservationSource = { ...source, watches: trigger?.watches ?? [] };
  const factors: [number, number][] = [];
  let phase = firstPhase(true, trigger);
  for (let step = 0; step <= until && phase.kind === 'aligning'; step++) {
    phase = advance(phase, trigger, observe(seen, step, values.get(step) ?? {}));
    if (phase.kind === 'aligning' && factorOf(phase) !== 1) factors.push([step, factorOf(phase)]);
  }
  return { phase, factors };
}
