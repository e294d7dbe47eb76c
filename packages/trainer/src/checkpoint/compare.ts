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
  const [then, now] = [runFile.recipe, recipe] as unknown as [JsonObject, JsonObject];
  const differences = Object.keys({ ...then, ...now })
    .filter((key) => !FREE_KEYS.has(key))
    .flatMap((key) => differ(key, then[key], now[key]));
  if (runFile.dataSpec.fingerprint !== data.fingerprint) {
    differences.push(`the data set (${runFile.dataSpec.name} then, ${data.name} now, with other contents)`);
  }
  if (differences.length === 0) return;
  throw new HasteError('CHECKPOINT_FOREIGN', {
    what: `The checkpoint belongs to a run that differs in ${differences.join(', ')}.`,
    where: path,
    fix: 'Resume with the recipe and the data it was trained with, or start a new run in another folder.',
  });
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
