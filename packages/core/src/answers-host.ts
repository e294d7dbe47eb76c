// B rows, C channels, H height, W width.
import type { DataSpec, ImageBatch, OptimizerUpdate, SamplingProblem } from '@hastejs/plugin-api';
import { describe } from './explain-issue.js';

/** @param B images asked for. */
export function dataFaults(answer: unknown, B: number, promised: unknown): string | null {
  const { images_BCHW, labels_B, variants_B } = (answer ?? {}) as Partial<Record<keyof ImageBatch, unknown>>;
  const { image, classes } = promised as DataSpec;
  const pixels = B * image.channels * image.height * image.width;
  const fault =
    arrayFault('images_BCHW', images_BCHW, 'Uint8Array', pixels) ??
    arrayFault('labels_B', labels_B, 'Int32Array', B) ??
    (variants_B === undefined ? null : arrayFault('variants_B', variants_B, 'Uint8Array', B));
  if (fault !== null) return fault;
  const wrong = (labels_B as Int32Array).find((label) => label < 0 || label >= classes.length);
  return wrong === undefined ? null : `labels_B: there is no class ${wrong}, only 0 to ${classes.length - 1}`;
}

export function sampledFault(answer: unknown, problem: unknown): string | null {
  return arrayFault('the samples', answer, 'Float64Array', (problem as SamplingProblem).start.length);
}

/** Names stand in for tensors: one that is missing would be missed in the next step only. */
export function optimizerFault(answer: unknown, update: unknown): string | null {
  const { params, state } = (answer ?? {}) as { params?: unknown; state?: unknown };
  if (typeof params !== 'object' || params === null) return `params: expected tensors by name, got ${describe(params)}`;
  if (typeof state !== 'object' || state === null) return `state: expected slots by name, got ${describe(state)}`;
  const lost = Object.keys((update as OptimizerUpdate).params).find((name) => !(name in params));
  return lost === undefined ? null : `params: ${lost} is missing`;
}

/** Numbers that are not finite are the trainer's to deal with: they are what was measured. */
export function measuredFault(answer: unknown, names: unknown): string | null {
  if (typeof answer !== 'object' || answer === null) return `expected numbers by name, got ${describe(answer)}`;
  for (const [name, value] of Object.entries(answer)) {
    if (typeof value !== 'number') return `${name}: expected a number, got ${describe(value)}`;
    if (!(names as readonly string[]).includes(name)) {
      return `${name}: it did not say that it would measure this, only ${(names as readonly string[]).join(', ')}`;
    }
  }
  return null;
}

export function pairsFault(answer: unknown): string | null {
  if (!Array.isArray(answer)) return `expected a list of pairs, got ${describe(answer)}`;
  const wrong = answer.findIndex((pair: unknown) => typeof pair !== 'object' || pair === null);
  return wrong < 0 ? null : `pair ${wrong}: expected { student, teacher }, got ${describe(answer[wrong])}`;
}

export function reportFault(answer: unknown): string | null {
  const { available } = (answer ?? {}) as { available?: unknown };
  return typeof available === 'boolean' ? null : `available: expected true or false, got ${describe(available)}`;
}

/** By its name, since a plugin may have been made in another realm. */
function arrayFault(called: string, value: unknown, type: string, length: number): string | null {
  if (Object.prototype.toString.call(value) !== `[object ${type}]`) {
    return `${called}: expected a ${type}, got ${describe(value)}`;
  }
  const own = (value as ArrayLike<unknown>).length;
  return own === length ? null : `${called}: expected ${length} entries, got ${own}`;
}
