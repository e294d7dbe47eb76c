import type { AlignmentLoss, Taps, TokenSite } from '@hastejs/plugin-api';
import type { TermPlan } from './alignment-plan.js';

/** The union of what several terms need from one side, each site once, in ascending order. */
export function tapsOf(side: 'student' | 'teacher', terms: readonly { loss: AlignmentLoss; plan: TermPlan }[]): Taps {
  const sites = (tap: keyof Taps): readonly TokenSite[] => {
    const found = terms.flatMap(({ loss, plan }): readonly (TokenSite | null)[] => [
      ...((loss.reads === 'attention') === (tap === 'attention') ? plan.pairs.map((pair) => pair[side]) : []),
      ...(side === 'teacher' ? plan.guides[tap] : []),
    ]);
    return [...new Set(found)]
      .filter((site) => site !== null)
      .sort((a, b) => (a === 'final' ? 1 : b === 'final' ? -1 : a - b));
  };
  return { tokens: sites('tokens'), attention: sites('attention').filter((site) => site !== 'final') };
}
