import type { Recipe } from '@hastejs/core';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Chosen } from '../checkpoint/choose.js';
import { logFile } from '../replay/run-log.js';

/** Gives a fork the log of what it shares, if there is one. The logger drops the lines past the checkpoint when it starts. */
export async function copyLog(chosen: Chosen, recipe: Recipe, folder: string): Promise<void> {
  const [from, to] = [logFile(chosen.runFile.recipe), logFile(recipe)];
  if (from === null || to === null) return;
  await copyFile(join(chosen.folder, from), join(folder, to)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
