import type { Recipe } from '@hastejs/core';
import type { TerminationTrigger } from '@hastejs/plugin-api';
import { spentAt } from './term-weight.js';

/**
 * The recipe's trigger, and an end to alignment once the schedules of all terms have come down to zero: from there on a
 * teacher would run for nothing. A weight that is zero all along is no such schedule: its term is there to be looked at.
 */
export function endWhenSpent(
  trigger: TerminationTrigger | null,
  alignment: Recipe['alignment'],
): TerminationTrigger | null {
  const end = Math.max(...Object.values(alignment?.terms ?? {}).map(({ weight }) => spentAt(weight)));
  if (!Number.isFinite(end)) return trigger;
  const stop = `the schedules of all alignment weights have come down to zero at step ${end.toLocaleString('en')}`;
  return {
    watches: trigger?.watches ?? [],
    measures: trigger?.measures ?? [],
    init: () => trigger?.init() ?? null,
    decide: (state, observation) => {
      const answer = trigger?.decide(state, observation) ?? { state };
      return answer.stop === undefined && observation.step >= end ? { ...answer, stop } : answer;
    },
  };
}
