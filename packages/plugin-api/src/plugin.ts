import type { AnyExtension } from './define.js';

/** The version of these contracts. A plugin declares the range it was written for. */
export const PLUGIN_API_VERSION = '1.1.0';

export interface Plugin {
  /** The npm package name. */
  readonly name: string;
  readonly version: string;
  /** A semver range over {@link PLUGIN_API_VERSION}. */
  readonly api: string;
  readonly extensions: readonly AnyExtension[];
  /** Files that the plugin ships, absolute paths by name. Recipes say `haste:<name>`, which holds no path of a machine. */
  readonly assets?: Readonly<Record<string, string>>;
}

/** A copy of this package: a process has several where a plugin brings one of its own. */
export interface PluginApiCopy {
  /** Its {@link PLUGIN_API_VERSION}. */
  readonly version: string;
}

const THIS_COPY: PluginApiCopy = Object.freeze({ version: PLUGIN_API_VERSION });

/** One symbol in all copies. */
const MADE_WITH = Symbol.for('haste: the copy of the plugin API');

/** Gives a plugin its shape. Importing a plugin changes nothing: core checks and registers it. */
export function definePlugin(plugin: Plugin): Plugin {
  const shaped = { ...plugin, extensions: Object.freeze([...plugin.extensions]) };
  return Object.freeze(Object.defineProperty(shaped, MADE_WITH, { value: THIS_COPY }));
}

/** The copy of this package that a plugin was made with, if it is another one than the caller's. */
export function foreignCopy(plugin: Plugin): PluginApiCopy | null {
  const copy = (plugin as { readonly [MADE_WITH]?: PluginApiCopy })[MADE_WITH];
  return copy === undefined || copy === THIS_COPY ? null : copy;
}
