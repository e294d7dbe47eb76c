// What a pickle of weights becomes: null, booleans, numbers, bigints, strings, Uint8Array, arrays (lists, tuples and sets), Maps
// (dicts), and these.
import type { ElementType } from './element-types.js';

/** A class, function or type that a pickle names. Nothing is ever imported or called. */
export class Global {
  constructor(readonly name: string) {}
}

/** A run of elements in the checkpoint; tensors are views of it. */
export class Storage {
  constructor(
    readonly key: string,
    /** null: bytes without a type; each tensor says what they are. */
    readonly type: ElementType | null,
    /** Elements, or bytes where there is no type. */
    readonly length: number,
  ) {}

  get bytes(): number {
    return this.length * (this.type?.bytes ?? 1);
  }
}

/** A tensor whose data has not been read. Offset and strides are in elements. */
export class StoredTensor {
  constructor(
    readonly storage: Storage,
    readonly type: ElementType,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

/** An object that is known to be a plain bag of attributes: a Namespace, a module of TorchScript. */
export class Bag {
  attributes: ReadonlyMap<unknown, unknown> = new Map();
  constructor(readonly type: string) {}
}

/** What makes a checkpoint unusable; the message stands in the middle of a sentence that has the file as its subject. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
  constructor(
    message: string,
    /** It is whole, but holds more than weights. */
    readonly foreign = false,
  ) {
    super(message);
  }
}
