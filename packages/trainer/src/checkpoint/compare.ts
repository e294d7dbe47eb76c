import type { Recipe } from '@hastejs/core';
import { type DataSpec, HasteError, type Json, type JsonObject } from '@hastejs/plugin-api';
import type { Chosen } from './choose.js';

/** What a resumed run may change without becoming another run. */
const FREE_KEYS = new Set(['steps', 'checkpoints', 'loggers', 'sampling', 'backend', 'plugins']);

/**
 * A checkpoint only continues the run that wrote it: same recipe but for its length and its outputs, same data.
 * @throws HasteError CHECKPOINT_FOREIGN naming every difference.
 */
export function refuseForeign({ path, runFile }: Chosen, recipe: Recipe, data: DataSpec): void {
  const differing = differences(runFile.recipe, recipe);
  if (runFile.dataSpec.fingerprint !== data.fingerprint) {
    differing.push(`the data set (${runFile.dataSpec.name} then, ${data.name} now, with other contents)`);
  }
  if (differing.length === 0) return;
  throw new HasteError('CHECKPOINT_FOREIGN', {
    what: `The checkpoint belongs to a run that differs in ${differing.join(', ')}.`,
    where: path,
    fix: 'Resume with the recipe and the data it was trained with, or start a new run in another folder.',
  });
}

/** In what two recipes differ as runs: not in their length, their outputs, or where they are computed. */
export function differences(then: Recipe, now: Recipe): string[] {
  const [a, b] = [then, now] as unknown as [JsonObject, JsonObject];
  const keys = Object.keys({ ...a, ...b }).filter((key) => !FREE_KEYS.has(key));
  return keys.flatMap((key) => differ(key, a[key], b[key]));
}

/** A fork's recipe with the end of phase I and the name that the checkpoint's has: all else must be the same. */
export function asForked(recipe: Recipe, { runFile }: Chosen): Recipe {
  const { name, alignment } = runFile.recipe;
  if (!recipe.alignment) return { ...recipe, name };
  const { until: _own, ...own } = recipe.alignment;
  return { ...recipe, name, alignment: { ...own, ...(alignment?.until && { until: alignment.until }) } };
}

/** Every leaf in which two values differ, with both. */
export function differ(path: string, then: Json | undefined, now: Json | undefined): string[] {
  if (isObject(then) && isObject(now)) {
    return Object.keys({ ...then, ...now }).flatMap((key) => differ(`${path}.${key}`, then[key], now[key]));
  }
  if (JSON.stringify(then) === JSON.stringify(now)) return [];
  return [`${path} (${JSON.stringify(then)} then, ${JSON.stringify(now)} now)`];
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
