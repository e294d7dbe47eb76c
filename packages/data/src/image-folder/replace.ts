import type { ImageFile } from './scan.js';

/**
 * Which image stands in for a damaged one: the next of its class, in order, that is not known to be damaged, starting again
 * at the class's first. It depends on the files alone, never on which of them was decoded first, and the label stays true.
 * @param files class by class.
 * @returns null if every image of the class is damaged.
 */
export function nextOfClass(
  files: readonly ImageFile[],
  index: number,
  damaged: ReadonlyMap<number, string>,
): number | null {
  const { label } = files[index]!;
  let next = index;
  do {
    next = files[next + 1]?.label === label ? next + 1 : firstOfClass(files, next);
    if (!damaged.has(next)) return next;
  } while (next !== index);
  return null;
}

/** Binary search: classes lie one after the other. */
function firstOfClass(files: readonly ImageFile[], index: number): number {
  const { label } = files[index]!;
  let low = 0;
  let high = index;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (files[middle]!.label < label) low = middle + 1;
    else high = middle;
  }
  return low;
}
