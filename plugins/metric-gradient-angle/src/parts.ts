import type { StudentSpec } from '@hastejs/plugin-api';

/** Parameters whose gradients are compared as one vector. */
export interface Part {
  /** What its values are called after the term: nothing for all together, `/block4` for one block. */
  readonly suffix: string;
  counts(parameter: string): boolean;
}

/** `blocks.4.…`, and `joint_blocks.4.…` of students with two streams. */
export function inBlocks(blocks: readonly number[]): (parameter: string) => boolean {
  const pattern = new RegExp(`(^|_)blocks\\.(${blocks.join('|')})\\.`);
  return (parameter) => pattern.test(parameter);
}

/** All parameters of the blocks together, then, where asked for, those of each block by itself. */
export function partsOf(
  blocks: readonly number[] | undefined,
  student: StudentSpec,
  byBlock: boolean,
): readonly Part[] {
  const whole: Part = { suffix: '', counts: blocks ? inBlocks(blocks) : () => true };
  const each = byBlock ? (blocks ?? Array.from({ length: student.blocks }, (_, block) => block)) : [];
  return [whole, ...each.map((block) => ({ suffix: `/block${block}`, counts: inBlocks([block]) }))];
}
