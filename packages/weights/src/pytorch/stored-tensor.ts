import { ELEMENT_TYPES } from './element-types.js';
import { CheckpointError, Global, Storage, StoredTensor } from './values.js';

/**
 * A view may show an element many times, so that a small file declares a tensor of any size. Real ones are masks and position
 * numbers; beyond this many elements an expanded view is refused.
 */
const MOST_EXPANDED = 2 ** 20;
/** NumPy's limit, and PyTorch's. */
const MOST_AXES = 64;

interface Parts {
  readonly storage: unknown;
  readonly offset: unknown;
  readonly shape: unknown;
  readonly strides: unknown;
  /** Where the storage has none. */
  readonly type?: unknown;
}

/** A tensor of what a pickle says. @throws CheckpointError when that makes no sense. */
export function storedTensor({ storage, offset, shape, strides, type }: Parts): StoredTensor {
  if (!(storage instanceof Storage)) throw new CheckpointError('one of its tensors has no storage');
  const own = type instanceof Global ? ELEMENT_TYPES.get(type.name) : undefined;
  if (type !== undefined && !own) throw new CheckpointError('one of its tensors has elements of an unknown type', true);
  const elements = own ?? storage.type;
  if (!elements) throw new CheckpointError('one of its tensors has no element type');
  const sound = isCount(offset) && isCounts(shape) && isCounts(strides) && shape.length === strides.length;
  if (!sound) throw new CheckpointError('one of its tensors has no shape that makes sense');
  return new StoredTensor(storage, elements, offset, shape, strides);
}

/** Holds a view against its storage, before anything is read or allocated. @throws CheckpointError naming the tensor. */
export function checkView(name: string, tensor: StoredTensor): void {
  const { storage, type, shape } = tensor;
  const there = Math.floor(storage.bytes / type.bytes);
  const { end } = spanOf(tensor);
  if (end > there) {
    throw new CheckpointError(`its tensor '${name}' reaches element ${end} of a storage of ${there}`);
  }
  const size = sizeOf(shape);
  if (size > Math.max(there, MOST_EXPANDED)) {
    throw new CheckpointError(
      `its tensor '${name}' of shape [${shape.join(', ')}] shows ${there} elements over and over`,
    );
  }
}

/** The elements [first, end) of the storage that a view touches. */
export function spanOf({ offset, shape, strides }: StoredTensor): { first: number; end: number } {
  if (shape.includes(0)) return { first: offset, end: offset };
  const last = shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, offset);
  return { first: offset, end: last + 1 };
}

export const sizeOf = (shape: readonly number[]): number =>
  shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length <= MOST_AXES && value.every(isCount);
