import type { Plugin } from '@hastejs/plugin-api';
import type { Chosen } from '@hastejs/trainer';
import { existsSync } from 'node:fs';
import type { Context } from './context.js';

/**
 * The plugins of a run that was started earlier. A TypeScript recipe may bring plugins as values, which have no name to
 * import them by: they are read from the recipe file again, if it still is where it was. The run's own recipe stays what
 * the checkpoint says.
 */
export async function pluginsOfRun(
  context: Context,
  { recipe, recipeFile }: Pick<Chosen['runFile'], 'recipe' | 'recipeFile'>,
): Promise<readonly (Plugin | string)[]> {
  if (recipe.plugins.length === 0) return [];
  if (recipeFile === null || !existsSync(recipeFile)) return recipe.plugins;
  const { readRecipe } = await context.engine();
  return (await readRecipe(recipeFile)).recipe.plugins ?? [];
}
