import type { Params } from '@hastejs/tensor';
import { must } from '../contract/contract-fault.js';
import { dataDistance } from './tensors.js';

/**
 * Notes the values of tensors that a call is given, by name.
 * @returns a function that holds the call against having disposed of them or written into them.
 */
export function noteGiven(given: Params): (where: string) => void {
  const before = Object.entries(given).map(([name, x]) => [name, x, x.dataSync().slice()] as const);
  return (where) => {
    for (const [name, x, values] of before) {
      const untouched = !x.isDisposed && dataDistance(x.dataSync(), values) === 0;
      must(untouched, () => ({
        what: `It ${x.isDisposed ? 'disposes of' : 'writes into'} ${name}.`,
        where,
        fix: 'What a call is given belongs to the caller, and others see the same tensors: compute into tensors of your own.',
      }));
    }
  };
}
