import { type AlignmentSpecs, HasteError, type LayerPair } from '@hastejs/plugin-api';

/**
 * Refuses pairs of blocks that a model does not have, all of them in one error, with both models' numbers of blocks.
 *
 * @throws HasteError LAYERS_INVALID
 */
export function checkBlocks(id: string, pairs: readonly LayerPair[], { student, teacher }: AlignmentSpecs): void {
  const wrong = pairs.filter(
    (pair) => pair.student >= student.blocks || (pair.teacher !== 'final' && pair.teacher >= teacher.blocks),
  );
  if (wrong.length === 0) return;
  throw new HasteError('LAYERS_INVALID', {
    what:
      `${wrong.map(formatPair).join(', ')} (student ← teacher) cannot be aligned: ` +
      `${student.name} has ${student.blocks} blocks, ${teacher.name} has ${teacher.blocks}.`,
    where: id,
    fix:
      `Blocks count from 0: name student blocks 0 to ${student.blocks - 1} and teacher blocks 0 to ${teacher.blocks - 1}, ` +
      `or "final" for the teacher's normalised tokens.`,
  });
}

export const formatPair = ({ student, teacher }: LayerPair): string => `${student} ← ${teacher}`;
