import type { Host, Recipe, RunEvents } from '@hastejs/core';
import { HasteError, type Ref } from '@hastejs/plugin-api';
import { assemble, assembleAlignment } from '../assemble.js';
import { computeIn } from '../precision.js';
import { type FilledCache, fillTeacherCaches } from './fill-caches.js';

export interface CacheOptions {
  readonly host: Host;
  /** Resolved: `host.resolve(input)`. */
  readonly recipe: Recipe;
  /** Where the recipe's relative paths start. */
  readonly baseDir: string;
  /** Instead of the recipe's. */
  readonly backend?: Ref<'backend'> | string;
  /** When it fires, the batch is finished, and what is whole stays. */
  readonly signal?: AbortSignal;
  readonly listen?: (events: RunEvents) => void;
}

/**
 * Fills the teacher caches that a recipe asks for, without training: what training does before its first step.
 * @throws HasteError RECIPE_INVALID when the recipe asks for none; otherwise as training.
 */
export async function cacheTeachers(options: CacheOptions): Promise<FilledCache[]> {
  const { host, recipe, signal } = options;
  if (!asksForCache(recipe)) throw noCache();
  const run = host.openRun(recipe, options.baseDir);
  options.listen?.(run.events);
  try {
    const compute = computeIn(await host.selectBackend(options.backend ?? recipe.backend), recipe.precision);
    const parts = await assemble(run, recipe);
    const alignment = (await assembleAlignment(run, recipe, parts))!;
    const { batchSize } = recipe;
    return await fillTeacherCaches(alignment, run.events, { dataset: parts.dataset, batchSize, compute, signal });
  } finally {
    await run.close();
  }
}

function asksForCache({ alignment }: Recipe): boolean {
  if (!alignment) return false;
  const terms = Object.values(alignment.terms);
  return terms.some(({ teacher, cache }) => (teacher ? cache : alignment.cache) !== undefined);
}

function noCache(): HasteError {
  return new HasteError('RECIPE_INVALID', {
    what: 'The recipe asks for no teacher cache.',
    where: 'alignment.cache',
    fix: 'Say `cache: {}` beside the teacher, in the alignment or in a term that has its own.',
  });
}
