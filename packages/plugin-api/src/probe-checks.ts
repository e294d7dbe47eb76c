// What metrics check of their options, so that a wrong one is told before the run and not at its first measurement.
import { HasteError } from './errors.js';
import type { DataSpec, StudentSpec } from './specs.js';

/** @throws HasteError LAYERS_INVALID for blocks that the student does not have */
export function checkedBlocks(where: string, blocks: readonly number[], student: StudentSpec): readonly number[] {
  const wrong = blocks.filter((block) => block >= student.blocks);
  if (wrong.length === 0) return blocks;
  throw new HasteError('LAYERS_INVALID', {
    what: `${student.name} has no block ${wrong.join(', ')}: it has ${student.blocks}.`,
    where: `${where}, blocks`,
    fix: `Blocks count from 0: name blocks 0 to ${student.blocks - 1}.`,
  });
}

/** @throws HasteError EXTENSION_OPTIONS for a probe set that the data cannot fill */
export function checkImages(where: string, images: number, data: DataSpec): void {
  if (images <= data.length) return;
  throw new HasteError('EXTENSION_OPTIONS', {
    what: `The probe set is to have ${images} images, and ${data.name} has ${data.length}.`,
    where: `${where}, images`,
    fix: `Ask for ${data.length} images or fewer.`,
  });
}
