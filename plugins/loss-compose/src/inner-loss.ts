// B batch, T tokens, D width.
import { type Extensions, HasteError, type Ref, type TokenAlignmentLoss } from '@hastejs/plugin-api';
import type { Tensor3D } from '@hastejs/tensor';

/**
 * The loss that a wrapper is around.
 * @param where the wrapper's id.
 * @throws HasteError EXTENSION_OPTIONS when it does not compare tokens.
 */
export async function innerLoss(
  extensions: Extensions,
  ref: Ref<'alignmentLoss'>,
  where: string,
): Promise<TokenAlignmentLoss> {
  const inner = await extensions.create(ref);
  if (inner.reads === 'tokens') return inner;
  throw new HasteError('EXTENSION_OPTIONS', {
    what: `${ref.id} does not compare tokens of student and teacher: it reads ${READS[inner.reads]}.`,
    where: `${where}, loss`,
    fix: 'Give it a loss that does, such as loss/feature.',
  });
}

const READS = { attention: 'attention maps', student: 'the student alone' } as const;

/**
 * What a wrapper passes on of the loss inside: its parameters, what it is guided by, what metrics see of it, and what it
 * states of itself. A loss may be an instance of a class, so its members are called on it.
 */
export function passedOn(inner: TokenAlignmentLoss): Omit<TokenAlignmentLoss, 'loss' | 'perToken'> {
  const { repeatable, couplesSamples, project } = inner;
  return {
    reads: 'tokens',
    ...(repeatable !== undefined && { repeatable }),
    ...(couplesSamples !== undefined && { couplesSamples }),
    ...(inner.init && { init: (specs, rng) => inner.init!(specs, rng) }),
    ...(inner.guides && { guides: (teacher) => inner.guides!(teacher) }),
    ...(inner.target && { target: (teacher_BTD: Tensor3D) => inner.target!(teacher_BTD) }),
    ...(project !== undefined && {
      project: project && ((student_BTD, params) => project.call(inner, student_BTD, params)),
    }),
  };
}
