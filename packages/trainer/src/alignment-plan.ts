import {
  type AlignmentLoss,
  type AlignmentSpecs,
  HasteError,
  type LayerPair,
  NO_TAPS,
  type StudentSpec,
  type Taps,
  type TargetLayers,
  type TeacherSpec,
  type TokenSite,
  formatGrid,
  sameGrid,
} from '@hastejs/plugin-api';
import { planGuides } from './plan-guides.js';

/** Heads [student, teacher] that are compared, in order. */
export type HeadMap = readonly (readonly [student: number, teacher: number])[];

/** A student block with the teacher block that it learns from; null where a loss looks at the student alone. */
export interface PlannedPair {
  readonly student: number;
  readonly teacher: TokenSite | null;
  readonly heads: HeadMap;
}

/** What one alignment term takes from both models, checked against both specs before anything runs. */
export interface TermPlan {
  readonly pairs: readonly PlannedPair[];
  /** Whether the teacher's tokens must be resampled to the student's grid. */
  readonly resample: boolean;
  /** What the loss looks at of the teacher besides. */
  readonly guides: Taps;
}

/** Both models as a term sees them. */
export interface TermSpecs {
  readonly student: StudentSpec;
  /** Null for a loss that looks at the student alone. */
  readonly teacher: TeacherSpec | null;
}

/**
 * Checks a term's layers, heads and grids against student and teacher, and fills in the default head map.
 * @throws HasteError RECIPE_INVALID for a loss that needs a teacher where there is none, LAYERS_INVALID, TEACHER_MISMATCH.
 */
export function planTerm(name: string, loss: AlignmentLoss, layers: TargetLayers, models: TermSpecs): TermPlan {
  const where = `alignment.terms.${name}`;
  const { student, teacher } = models;
  if (loss.reads === 'student') {
    return { pairs: planBlocks(where, layers, student), resample: false, guides: NO_TAPS };
  }
  if (!teacher) throw needsTeacher(where);
  const specs = { student, teacher };
  const pairs = layers.select(specs);
  if (pairs.length === 0) throw noLayers(where, 'pair of student and teacher blocks');
  for (const pair of pairs) checkBlocks(where, loss, pair, specs);
  for (const pair of pairs) checkOffered(where, loss, pair, specs);
  return {
    pairs: pairs.map((pair) => ({ ...pair, heads: checkedHeads(where, pair, specs) })),
    resample: needsResampling(where, layers, specs),
    guides: planGuides(where, loss, teacher),
  };
}

/** The student's blocks, for a loss that looks at nothing else. */
function planBlocks(where: string, layers: TargetLayers, student: StudentSpec): PlannedPair[] {
  if (!layers.blocks) {
    throw new HasteError('LAYERS_INVALID', {
      what: 'The loss looks at the student alone, and the target layers pair its blocks with those of a teacher.',
      where,
      fix: 'Name the blocks of the student: `layers: blocks({ blocks: [n] })`.',
    });
  }
  const blocks = [...new Set(layers.blocks(student))];
  if (blocks.length === 0) throw noLayers(where, 'block of the student');
  const wrong = blocks.find((block) => !isBlock(block, student.blocks));
  if (wrong === undefined) return blocks.map((block) => ({ student: block, teacher: null, heads: [] }));
  throw new HasteError('LAYERS_INVALID', {
    what: `The target layers name student block ${wrong}, but ${student.name} has blocks 0 to ${student.blocks - 1}.`,
    where,
    fix: FROM_ZERO,
  });
}

function needsTeacher(where: string): HasteError {
  return new HasteError('RECIPE_INVALID', {
    what: 'The loss compares the student with a teacher, and none is named.',
    where,
    fix: 'Name a `teacher` in the alignment, or in this term.',
  });
}

function noLayers(where: string, what: string): HasteError {
  return new HasteError('LAYERS_INVALID', {
    what: 'The target layers select no block at all.',
    where,
    fix: `Name at least one ${what}.`,
  });
}

const FROM_ZERO =
  "Blocks count from 0 (the paper's feature depth n, counted from 1, is block n − 1). Name blocks that both models have.";
const isBlock = (block: number, blocks: number) => Number.isInteger(block) && block >= 0 && block < blocks;

function checkBlocks(where: string, loss: AlignmentLoss, pair: LayerPair, { student, teacher }: AlignmentSpecs): void {
  const faults: string[] = [];
  if (!isBlock(pair.student, student.blocks)) {
    faults.push(`student block ${pair.student}, but ${student.name} has blocks 0 to ${student.blocks - 1}`);
  }
  if (pair.teacher === 'final') {
    if (loss.reads === 'attention') faults.push(`the teacher's "final" tokens, which have no attention map`);
  } else if (!isBlock(pair.teacher, teacher.blocks)) {
    faults.push(`teacher block ${pair.teacher}, but ${teacher.name} has blocks 0 to ${teacher.blocks - 1}`);
  }
  if (faults.length === 0) return;
  throw new HasteError('LAYERS_INVALID', {
    what: `The pair ${pair.student} ← ${pair.teacher} names ${faults.join(', and ')}.`,
    where,
    fix: FROM_ZERO,
  });
}

/** Some teachers cannot give every tap: a file of features holds what somebody computed. */
function checkOffered(where: string, { reads }: AlignmentLoss, pair: LayerPair, { teacher }: AlignmentSpecs): void {
  const offered: readonly TokenSite[] | undefined = teacher.offers?.[reads as 'tokens' | 'attention'];
  if (!offered || offered.includes(pair.teacher)) return;
  throw new HasteError('LAYERS_INVALID', {
    what: `The pair ${pair.student} ← ${pair.teacher} asks for ${reads} that ${teacher.name} does not have.`,
    where,
    fix: offered.length > 0 ? `It has ${reads} of ${offered.join(', ')}.` : `It has no ${reads} at all.`,
  });
}

function checkedHeads(where: string, pair: LayerPair, { student, teacher }: AlignmentSpecs): HeadMap {
  const shared = Math.min(student.heads, teacher.heads);
  const heads = pair.heads ?? Array.from({ length: shared }, (_, head) => [head, head] as const);
  const isLegal = ([s, t]: readonly [number, number]) => s >= 0 && s < student.heads && t >= 0 && t < teacher.heads;
  const wrong = heads.find((head) => !isLegal(head));
  if (!wrong && heads.length > 0) return heads;
  throw new HasteError('LAYERS_INVALID', {
    what: wrong
      ? `The head pair ${wrong[0]} ← ${wrong[1]} does not exist: ${student.name} has ${student.heads} heads, ${teacher.name} ${teacher.heads}.`
      : 'The head map is empty.',
    where: `${where}, pair ${pair.student} ← ${pair.teacher}`,
    fix: 'Heads count from 0. Leave `heads` out to compare the first heads that both models have.',
  });
}

function needsResampling(where: string, layers: TargetLayers, { student, teacher }: AlignmentSpecs): boolean {
  if (sameGrid(student.grid, teacher.grid)) return false;
  if (layers.grids === 'resample') return true;
  throw new HasteError('TEACHER_MISMATCH', {
    what: `The token grids differ: ${student.name} has ${formatGrid(student.grid)} tokens, ${teacher.name} has ${formatGrid(teacher.grid)}.`,
    where,
    fix: "Give the teacher an image size that yields the student's grid, or say `grids: 'resample'` in the target layers.",
  });
}
