import { Machine } from './machine.js';
import { OPCODES } from './opcodes.js';
import type { PickleBytes } from './pickle-bytes.js';
import { CheckpointError, type Storage } from './values.js';

/**
 * An instruction can hold a value in memory, and a checkpoint of a thousand tensors with its optimizer has a hundred thousand
 * of them: this bounds time, stack and nesting together.
 */
const MOST_INSTRUCTIONS = 2_000_000;
const STOP = '.'.charCodeAt(0);

export interface Pickle {
  readonly value: unknown;
  /** Every storage that it names, by key. */
  readonly storages: ReadonlyMap<string, Storage>;
}

/** Reads one pickle; the bytes after it are next. @throws CheckpointError */
export function readPickle(bytes: PickleBytes): Pickle {
  const machine = new Machine();
  for (let done = 0; done < MOST_INSTRUCTIONS; done++) {
    const code = bytes.u8();
    if (code === STOP) return { value: machine.pop(), storages: machine.storages };
    const act = OPCODES.get(code);
    if (!act) {
      const hex = code.toString(16).padStart(2, '0');
      throw new CheckpointError(`its pickle has the instruction 0x${hex}, which weights do not need`);
    }
    act(machine, bytes);
  }
  throw new CheckpointError(`its pickle has more than ${MOST_INSTRUCTIONS} instructions`);
}
