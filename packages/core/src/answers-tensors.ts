// B batch, T tokens, D width, H heads, d head size.
import { type StudentInput, type StudentSpec, type Taps, type TeacherSpec, gridTokens } from '@hastejs/plugin-api';
import type { Tensor, Tensor4D } from '@hastejs/tensor';
import { describe } from './explain-issue.js';

/** What a student and a teacher both promise of a tap's shape. */
type TapSpec = Pick<TeacherSpec, 'grid' | 'width' | 'heads' | 'headDim'>;

/** Whether taps are those asked for, in the shapes that the spec promises. More taps than asked for are nobody's harm. */
export function tapsFault(answer: unknown, asked: unknown, images: unknown, promised: unknown): string | null {
  const { tokens, attention } = (answer ?? {}) as { tokens?: unknown; attention?: unknown };
  if (!isMap(tokens) || !isMap(attention)) return `expected tokens and attention by site, got ${describe(answer)}`;
  const spec = promised as TapSpec;
  const [B] = (images as Tensor4D).shape;
  const T = gridTokens(spec.grid);
  const { tokens: sites, attention: blocks } = asked as Taps;
  for (const site of sites) {
    const fault = shapeFault(tokens.get(site), [B, T, spec.width]);
    if (fault !== null) return `tokens of ${site}: ${fault}`;
  }
  for (const block of blocks) {
    const { q_BHTd, k_BHTd } = (attention.get(block) ?? {}) as { q_BHTd?: unknown; k_BHTd?: unknown };
    const shape = [B, spec.heads, T, spec.headDim];
    const fault = shapeFault(q_BHTd, shape) ?? shapeFault(k_BHTd, shape);
    if (fault !== null) return `queries and keys of ${block}: ${fault}`;
  }
  return null;
}

export function outputFault(answer: unknown, input: unknown, taps: unknown, spec: unknown): string | null {
  const { x_BCHW } = input as StudentInput;
  const output = (answer ?? {}) as { velocity_BCHW?: unknown; taps?: unknown };
  const fault = shapeFault(output.velocity_BCHW, x_BCHW.shape);
  return fault === null ? tapsFault(output.taps, taps, x_BCHW, spec as StudentSpec) : `velocity_BCHW: ${fault}`;
}

export const lossFault = (answer: unknown): string | null => shapeFault(answer, []);

/** Tensors are known by what they have, not by their class: a plugin may carry a copy of TensorFlow.js of its own. */
function shapeFault(value: unknown, shape: readonly number[]): string | null {
  const expected = shape.length === 0 ? 'a scalar' : `a tensor [${shape.join(', ')}]`;
  const { shape: own, dataId, isDisposed } = (value ?? {}) as Partial<Tensor>;
  if (!Array.isArray(own) || dataId === undefined) return `expected ${expected}, got ${describe(value)}`;
  if (isDisposed) return `expected ${expected}, got a tensor that was disposed`;
  if (own.length === shape.length && shape.every((size, axis) => size === own[axis])) return null;
  return `expected ${expected}, got ${own.length === 0 ? 'a scalar' : `[${own.join(', ')}]`}`;
}

/** Also of another realm. */
const isMap = (value: unknown): value is ReadonlyMap<unknown, unknown> =>
  Object.prototype.toString.call(value) === '[object Map]';
