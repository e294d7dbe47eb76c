import type { Plugin } from '@hastejs/plugin-api';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { importModule } from './import-module.js';
import { isScript, loadScript } from './load-script.js';
import type { PluginFault } from './plugin-check.js';
import { reasonOf } from './reason.js';
import { type LoadedPlugin, Registry } from './registry.js';
import { isPackage, resolvePackage } from './resolve-package.js';

/**
 * Imports what is named by specifier and checks everything together with what is loaded already.
 * @param baseDir where relative specifiers start, and packages are looked for first.
 * @throws HasteError PLUGIN_… with every fault of every plugin.
 */
export async function loadPlugins(
  loaded: readonly LoadedPlugin[],
  more: readonly (Plugin | string)[],
  baseDir: string,
): Promise<Registry> {
  const unreadable: PluginFault[] = [];
  const added: LoadedPlugin[] = [];
  for (const [index, given] of more.entries()) {
    if (typeof given !== 'string') {
      added.push({ plugin: given, source: nameOf(given) ?? `plugins.${index}` });
      continue;
    }
    try {
      const { default: plugin } = await importPlugin(given, baseDir);
      added.push({ plugin: plugin as Plugin, source: given });
    } catch (error) {
      unreadable.push({ code: 'PLUGIN_UNREADABLE', where: given, what: unreadableWhat(given, baseDir, error) });
    }
  }
  return Registry.of([...loaded, ...added], unreadable);
}

async function importPlugin(specifier: string, baseDir: string): Promise<Record<string, unknown>> {
  if (specifier.startsWith('file:')) return importModule(specifier);
  if (isPackage(specifier)) {
    const file = await resolvePackage(specifier, baseDir);
    // Where the user's project does not have it, Haste's own packages may.
    return importModule(file === null ? specifier : pathToFileURL(file).href);
  }
  const path = resolve(baseDir, specifier);
  return isScript(path) ? loadScript(path) : importModule(pathToFileURL(path).href);
}

function unreadableWhat(specifier: string, baseDir: string, error: unknown): string {
  const mend = isPackage(specifier)
    ? `npm install ${specifier} in ${baseDir}, or correct its name`
    : `is the path right, seen from ${baseDir}?`;
  return `could not be imported (${reasonOf(error).split(/\n| imported from /)[0]}); ${mend}`;
}

/** Plugins given by JavaScript programs may be anything. */
function nameOf(plugin: Partial<Plugin> | null | undefined): string | undefined {
  return typeof plugin?.name === 'string' && plugin.name !== '' ? plugin.name : undefined;
}
