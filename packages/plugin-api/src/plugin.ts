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

/** Gives a plugin its shape. Importing a plugin changes nothing: core checks and registers it. */
export function definePlugin(plugin: Plugin): Plugin {
  return Object.freeze({ ...plugin, extensions: Object.freeze([...plugin.extensions]) });
}
