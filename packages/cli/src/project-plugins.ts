import { HasteError } from '@hastejs/plugin-api';
import { access, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

interface PackageJson {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly haste?: unknown;
}

/** A dependency that says of itself that it is a plugin. */
export interface PluginPackage {
  readonly name: string;
  readonly version: string | null;
  /** What to import: the package, or the part of it that its "haste" field names. */
  readonly specifier: string;
}

export interface ProjectPlugins {
  /** The project's own package.json; null where there is none. */
  readonly packageJson: string | null;
  /** Whether it wants its dependencies looked through: `"haste": { "plugins": "dependencies" }`. */
  readonly optedIn: boolean;
  readonly packages: readonly PluginPackage[];
}

/**
 * The plugin packages that a project depends on: those among the dependencies in its own package.json (the nearest at or above
 * `folder`) whose package.json carries a "haste" field. They are loaded only where the project opts in; here nothing is
 * imported, and nothing else in node_modules is looked at.
 * @throws HasteError PLUGIN_UNREADABLE for a package.json that is not JSON, or a project's "haste" field that means nothing.
 */
export async function projectPlugins(folder: string): Promise<ProjectPlugins> {
  const packageJson = await nearest(folder, 'package.json');
  if (!packageJson) return { packageJson, optedIn: false, packages: [] };
  const { dependencies, devDependencies, haste } = await readPackage(packageJson);
  const names = Object.keys({ ...dependencies, ...devDependencies }).sort();
  const found = await Promise.all(names.map((name) => pluginPackage(name, dirname(packageJson))));
  const packages = found.filter((one) => one !== null);
  return { packageJson, optedIn: optsIn(haste, packageJson), packages };
}

/** A plugin's own package.json has a "haste" field, too: `{ "plugin": "." }`. */
function optsIn(haste: unknown, packageJson: string): boolean {
  const { plugins } = (haste ?? {}) as { plugins?: unknown };
  if (plugins === undefined || plugins === 'dependencies') return plugins !== undefined;
  throw new HasteError('PLUGIN_UNREADABLE', {
    what: `"haste": { "plugins": ${JSON.stringify(plugins)} } means nothing.`,
    where: packageJson,
    fix: 'Write "dependencies" there to load the plugins among the dependencies, or leave it out.',
  });
}

async function pluginPackage(name: string, folder: string): Promise<PluginPackage | null> {
  // Read by path: a package need not export its package.json. What is not installed is npm's to tell.
  const path = await nearest(folder, join('node_modules', name, 'package.json'));
  if (path === null) return null;
  const { haste, version = null } = await readPackage(path);
  if (haste === undefined) return null;
  const { plugin } = (haste ?? {}) as { plugin?: unknown };
  const part = typeof plugin === 'string' && plugin.startsWith('./') ? plugin.slice(1) : '';
  return { name, version, specifier: `${name}${part}` };
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
