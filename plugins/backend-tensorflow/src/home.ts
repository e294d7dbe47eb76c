import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Env = Readonly<Record<string, string | undefined>>;

/** Of a project: what the setup makes lies there, out of git's and npm's sight. */
const FOLDER = '.haste/tensorflow';

/** This package's folder. */
export const PACKAGE = fileURLToPath(new URL('../', import.meta.url));

/** What a person types to get a tfjs-node that needs no download from TensorFlow's host. */
export const SETUP = /[\\/]node_modules[\\/]/.test(PACKAGE) ? 'npx haste-setup-tensorflow' : 'npm run setup:tensorflow';

/**
 * Where the setup puts what it makes: `HASTE_TENSORFLOW_HOME`, else `.haste/tensorflow` of the project that the working
 * directory is in. A project is what has a `.haste` folder or workspaces, else the nearest package.json.
 */
export function setupHome(cwd: string, env: Env): string {
  if (env.HASTE_TENSORFLOW_HOME) return resolve(cwd, env.HASTE_TENSORFLOW_HOME);
  const folders = ancestors(cwd);
  const project =
    folders.find((folder) => existsSync(join(folder, '.haste')) || hasWorkspaces(folder)) ??
    folders.find((folder) => existsSync(join(folder, 'package.json'))) ??
    resolve(cwd);
  return join(project, FOLDER);
}

/**
 * Folders from which an import of tfjs-node may succeed, in the order of preference: what the project installed itself, then
 * what the setup made.
 */
export function searchFolders(cwd: string, env: Env): string[] {
  const homes = env.HASTE_TENSORFLOW_HOME
    ? [setupHome(cwd, env)]
    : [...ancestors(cwd), ...ancestors(PACKAGE)].map((folder) => join(folder, FOLDER));
  return [...new Set([resolve(cwd), PACKAGE, ...homes.filter((folder) => existsSync(folder))])];
}

/** The folder and all above it, nearest first. */
export function ancestors(folder: string): string[] {
  const here = resolve(folder);
  const above = dirname(here);
  return above === here ? [here] : [here, ...ancestors(above)];
}

function hasWorkspaces(folder: string): boolean {
  const path = join(folder, 'package.json');
  // A package.json that npm itself could not read is no reason to end here.
  return existsSync(path) && /"workspaces"\s*:/.test(readFileSync(path, 'utf8'));
}
