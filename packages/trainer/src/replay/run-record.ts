import type { Recipe } from '@hastejs/core';
import { type DataSpec, HasteError, type JsonObject } from '@hastejs/plugin-api';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** What a run wrote about itself when it began: `origin.json` of its folder, beside `recipe.json`. */
export interface RunOrigin {
  /** Where the recipe's relative paths start: an absolute folder. */
  readonly baseDir: string;
  /** The file that the recipe was read from; null for a program's recipe. */
  readonly recipeFile: string | null;
  readonly data: DataSpec;
}

/** A run as its folder tells it, also while it is going on. */
export interface RunRecord extends RunOrigin {
  readonly folder: string;
  readonly recipe: Recipe;
}

export const ORIGIN_FILE = 'origin.json';

/** @throws HasteError RUN_FOLDER when there is no run. */
export async function readRunRecord(folder: string): Promise<RunRecord> {
  const path = resolve(folder);
  const read = async (name: string): Promise<JsonObject> =>
    JSON.parse(await readFile(join(path, name), 'utf8')) as JsonObject;
  try {
    const origin = (await read(ORIGIN_FILE)) as unknown as RunOrigin;
    const recipe = (await read('recipe.json')) as unknown as Recipe;
    if (!Array.isArray(recipe.plugins) || !Array.isArray(recipe.loggers))
      throw new Error('recipe.json holds no recipe');
    return { folder: path, recipe, ...origin };
  } catch (cause) {
    throw new HasteError('RUN_FOLDER', {
      what: `There is no run here: recipe.json or ${ORIGIN_FILE} cannot be read.`,
      where: path,
      fix: 'Name the folder of a run, such as runs/quickstart.',
      cause,
    });
  }
}
