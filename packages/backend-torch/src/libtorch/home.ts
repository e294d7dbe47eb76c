import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Env } from './run.js';

/** Of a project: what the setup makes lies there, out of git's sight. */
const FOLDER = '.haste/torch';

/** This package's folder. */
export const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));

/** What a person types to get or renew the addon. */
export const SETUP = /[\\/]node_modules[\\/]/.test(PACKAGE) ? 'npx haste-setup-torch' : 'npm run setup:torch';

/**
 * Where the setup keeps its environment and builds: `HASTE_TORCH_HOME`, else `.haste/torch` of the project that the working
 * directory is in. A project is what has a `.haste` folder or workspaces, else the nearest package.json.
 */
export function torchHome(cwd: string, env: Env): string {
  if (env.HASTE_TORCH_HOME) return resolve(cwd, env.HASTE_TORCH_HOME);
  const folders = ancestors(cwd);
  const project =
    folders.find((folder) => existsSync(join(folder, '.haste')) || hasWorkspaces(folder)) ??
    folders.find((folder) => existsSync(join(folder, 'package.json'))) ??
    resolve(cwd);
  return join(project, FOLDER);
}

/** Every place where a build may lie, nearest first: above the working directory, and above this package. */
export function torchHomes(cwd: string, env: Env): string[] {
  if (env.HASTE_TORCH_HOME) return [resolve(cwd, env.HASTE_TORCH_HOME)];
  const folders = [...ancestors(cwd), ...ancestors(PACKAGE)].map((folder) => join(folder, FOLDER));
  return [...new Set(folders)].filter((folder) => existsSync(folder));
}

function ancestors(folder: string): string[] {
  const here = resolve(folder);
  const above = dirname(here);
  return above === here ? [here] : [here, ...ancestors(above)];
}

function hasWorkspaces(folder: string): boolean {
  const path = join(folder, 'package.json');
  // A package.json that npm itself could not read is no reason to end here.
  return existsSync(path) && /"workspaces"\s*:/.test(readFileSync(path, 'utf8'));
}
