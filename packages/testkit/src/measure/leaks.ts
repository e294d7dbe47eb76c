import { type TensorContainer, tf } from '@hastejs/tensor';
import { ContractFault } from '../contract/contract-fault.js';
import { count } from './words.js';

/**
 * Runs `f` and holds it to freeing every tensor that it makes, but for those that it hands back, which are freed here. When
 * `f` throws, what it threw passes on if nothing leaked: freeing on the way out is part of the promise.
 * @throws ContractFault with the number of tensors that are left.
 */
export async function expectNoLeaks(f: () => TensorContainer | void | Promise<TensorContainer | void>): Promise<void> {
  const before = tf.memory().numTensors;
  let failure: { readonly error: unknown } | null = null;
  try {
    const result = await f();
    if (result) tf.dispose(result);
  } catch (error) {
    failure = { error };
  }
  // What was found within says more than that it was found.
  if (failure?.error instanceof ContractFault) throw failure.error;
  const left = tf.memory().numTensors - before;
  if (left > 0) throw leak(left, failure);
  if (left < 0) throw taken(-left);
  if (failure) throw failure.error;
}

function leak(left: number, failure: { readonly error: unknown } | null): ContractFault {
  const when = failure ? ' when it throws' : '';
  return new ContractFault({
    what: `${count(left, 'tensor')} ${left === 1 ? 'is' : 'are'} left behind${when}.`,
    fix: 'Compute inside tf.tidy, and dispose of what tf.keep or an asynchronous function holds, also where it throws (try … finally).',
    ...(failure && { cause: failure.error }),
  });
}

function taken(freed: number): ContractFault {
  return new ContractFault({
    what: `${count(freed, 'tensor')} ${freed === 1 ? 'was' : 'were'} freed that it did not make.`,
    fix: 'Dispose only of tensors that you made: what a call is given belongs to the caller.',
  });
}
