import type { DataSpec } from '@hastejs/plugin-api';

/** @throws RangeError for an index that the set does not have. */
export function checkIndices({ name, length }: DataSpec, indices: Int32Array): void {
  const wrong = indices.find((index) => index < 0 || index >= length);
  if (wrong !== undefined) throw new RangeError(`${name} has images 0 to ${length - 1}; there is no image ${wrong}.`);
}
