import { PLUGIN_API_VERSION, type Plugin, foreignCopy, isHasteError } from '@hastejs/plugin-api';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { defaultExport } from './default-export.js';
import { importModule } from './import-module.js';
import { isScript, loadScript } from './load-script.js';
import { reasonOf } from './reason.js';
import { type Candidate, type LoadedPlugin, type PluginOrigin, type RefusedPlugin, Registry } from './registry.js';
import { isPackage, resolvePackage } from './resolve-package.js';
import { ScriptFault } from './script-fault.js';
import { type Waiting, awaitAnswer } from './waiting.js';

export interface LoadOptions {
  /** Who brings them, for people; default: the program that made the host. */
  readonly origin?: PluginOrigin;
  /** Receives what is refused; the rest is loaded. Absent: one refusal refuses all, with every fault of every plugin. */
  readonly refused?: (plugin: RefusedPlugin) => void;
  /** Leave out what is loaded already under the same name, instead of refusing it. */
  readonly unlessLoaded?: boolean;
}

/**
 * Imports what is named by specifier and checks everything together with what is loaded already.
 * @param baseDir where relative specifiers start, and packages are looked for first.
 * @throws HasteError PLUGIN_… with every fault of every plugin.
 */
export async function loadPlugins(
  loaded: readonly LoadedPlugin[],
  more: readonly (Plugin | string)[],
  baseDir: string,
  waiting: Waiting,
  { origin = 'program', refused, unlessLoaded = false }: LoadOptions = {},
): Promise<Registry> {
  const added: Candidate[] = [];
  for (const [index, given] of more.entries()) {
    added.push(
      typeof given === 'string'
        ? await candidate(given, baseDir, waiting, origin)
        : { plugin: given, source: nameOf(given) ?? `plugins.${index}`, origin, file: null },
    );
  }
  const names = new Set(loaded.map(({ plugin }) => plugin.name));
  const isKnown = ({ plugin }: Candidate) => names.has(nameOf(plugin as Partial<Plugin>) ?? '');
  const wanted = unlessLoaded ? added.filter((one) => !isKnown(one)) : added;
  const registry = Registry.of([...loaded, ...wanted], refused);
  for (const { plugin } of registry.plugins.slice(loaded.length)) tellOfCopy(plugin, waiting.notices);
  return registry;
}

/** Nothing fails by a copy, so it would never be noticed. */
function tellOfCopy(plugin: Plugin, notices: Waiting['notices']): void {
  const copy = foreignCopy(plugin);
  if (copy === null) return;
  const versions = copy.version === PLUGIN_API_VERSION ? '' : ` (${copy.version}; Haste's is ${PLUGIN_API_VERSION})`;
  notices.warn(
    `${plugin.name} ${plugin.version} brings a copy of the plugin API of its own${versions}. It works, but with a copy of ` +
      `@hastejs/tensor it computes without the backend's fused kernels. \`npm dedupe\` may make them one; its author lets ` +
      `@hastejs/* be peer dependencies, and leaves them out of a bundle.`,
  );
}

async function candidate(given: string, baseDir: string, waiting: Waiting, origin: PluginOrigin): Promise<Candidate> {
  let file: string | null = null;
  try {
    const located = await locate(given, baseDir);
    file = located.startsWith('file:') ? fileURLToPath(located) : null;
    const importing = file !== null && isScript(file) ? loadScript(file) : importModule(located);
    const exports = await awaitAnswer(waiting, { name: given, member: 'import' }, importing);
    const found = defaultExport(exports);
    return { plugin: found === 'none' ? undefined : found.value, source: given, origin, file };
  } catch (error) {
    return { unreadable: unreadableWhat(given, baseDir, error), source: given, origin, file };
  }
}

/** What to import: the URL of a file, or a package by its name. */
async function locate(specifier: string, baseDir: string): Promise<string> {
  if (specifier.startsWith('file:')) return specifier;
  if (!isPackage(specifier)) return pathToFileURL(resolve(baseDir, specifier)).href;
  const file = await resolvePackage(specifier, baseDir);
  // Where the user's project does not have it, Haste's own packages may.
  return file === null ? specifier : pathToFileURL(file).href;
}

function unreadableWhat(specifier: string, baseDir: string, error: unknown): string {
  if (isHasteError(error)) return `could not be imported: ${error.what}`;
  const reason = reasonOf(error).split(/\n| imported from /)[0]!;
  if (error instanceof ScriptFault) return `could not be imported (${reason}), at ${error.where}`;
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') return `threw while it was imported: ${reason}`;
  const [, needed] = /^Cannot find (?:package|module) '([^']+)'/.exec(reason) ?? [];
  if (needed !== undefined && isPackage(needed) && needed !== specifier) {
    return `could not be imported, since it needs ${needed}, which is not installed; npm install ${needed}`;
  }
  const mend = isPackage(specifier)
    ? `npm install ${specifier} in ${baseDir}, or correct its name`
    : `is the path right, seen from ${baseDir}?`;
  return `could not be imported (${reason}); ${mend}`;
}

/** Plugins given by JavaScript programs may be anything. */
function nameOf(plugin: Partial<Plugin> | null | undefined): string | undefined {
  return typeof plugin?.name === 'string' && plugin.name !== '' ? plugin.name : undefined;
}
