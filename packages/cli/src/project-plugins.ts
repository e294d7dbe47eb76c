import { HasteError } from '@hastejs/plugin-api';
import { access, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

interface PackageJson {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly haste?: unknown;
}

/**
 * The plugin packages that a project has chosen: those among the dependencies in its own package.json (the nearest at or
 * above `folder`) whose package.json carries a "haste" field. Both sides opt in; nothing else in node_modules is looked at.
 */
export async function projectPlugins(folder: string): Promise<string[]> {
  const project = await nearest(folder, 'package.json');
  if (!project) return [];
  const { dependencies, devDependencies } = await readPackage(project);
  const names = Object.keys({ ...dependencies, ...devDependencies }).sort();
  const chosen = await Promise.all(names.map((name) => carriesHaste(name, dirname(project))));
  return names.filter((_, index) => chosen[index]);
}

async function carriesHaste(name: string, folder: string): Promise<boolean> {
  // Read by path: a package need not export its package.json. What is not installed is npm's to tell.
  const path = await nearest(folder, join('node_modules', name, 'package.json'));
  return path !== null && (await readPackage(path)).haste !== undefined;
}

async function nearest(folder: string, name: string): Promise<string | null> {
  for (let current = folder; ; current = dirname(current)) {
    const path = join(current, name);
    if (await exists(path)) return path;
    if (dirname(current) === current) return null;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}

async function readPackage(path: string): Promise<PackageJson> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as PackageJson;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new HasteError('PLUGIN_UNREADABLE', {
      what: `A package.json is not JSON: ${cause.message}.`,
      where: path,
      fix: 'Mend the file; Haste reads it to find the plugins of the project.',
      cause,
    });
  }
}
