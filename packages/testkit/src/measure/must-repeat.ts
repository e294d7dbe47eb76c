import { must } from '../contract/contract-fault.js';
import { type Journal, journalDifference, readsValues } from './journal.js';

/**
 * Holds two calls on different values against what `repeatable` states.
 * @throws ContractFault when the second asks the backend for other work, or values are read.
 */
export function mustRepeat(first: Journal, second: Journal, where: string): void {
  must(!readsValues(first), {
    what: 'It says that it is repeatable, and reads values to the host: what follows may depend on them.',
    where,
    fix: 'Compute with tensors (no dataSync, arraySync or data), or leave `repeatable` out.',
  });
  const difference = journalDifference(first, second);
  must(difference === null, {
    what: `It says that it is repeatable, and asks the backend for other work in the next step: ${difference}.`,
    where,
    fix: 'Numbers that change from step to step come from StepClock.scalar; keep no state between calls, draw nothing on the host. Or leave `repeatable` out.',
  });
}
