import type { AnyExtension, Kind, Plugin } from '@hastejs/plugin-api';
import { faultsError } from './faults.js';
import { type PluginFault, checkPlugin } from './plugin-check.js';

export interface LoadedPlugin {
  readonly plugin: Plugin;
  /** The module specifier it was imported by, or its name where it was given as an object. */
  readonly source: string;
}

/** An extension with the plugin that brought it. */
export interface Registered<K extends Kind = Kind> {
  readonly extension: AnyExtension<K>;
  readonly plugin: Plugin;
}

/** The plugins of a host and what they define. It never changes: more plugins make another registry. */
export class Registry {
  readonly extensions: readonly Registered[];

  private constructor(readonly plugins: readonly LoadedPlugin[]) {
    this.extensions = plugins.flatMap(({ plugin }) => plugin.extensions.map((extension) => ({ extension, plugin })));
  }

  /**
   * @param unreadable faults of plugins that could not even be imported: they are shown with all others.
   * @throws HasteError PLUGIN_… with every fault of every plugin.
   */
  static of(candidates: readonly LoadedPlugin[], unreadable: readonly PluginFault[] = []): Registry {
    // The same plugin twice, a built-in that a recipe names again, is no conflict.
    const distinct = candidates.filter(
      ({ plugin }, i) => candidates.findIndex((other) => other.plugin === plugin) === i,
    );
    const faulty = distinct.map(({ plugin, source }) => checkPlugin(plugin, source));
    const sound = distinct.filter((_, index) => faulty[index]!.length === 0);
    const faults = [...unreadable, ...faulty.flat(), ...duplicates(sound)];
    if (faults.length === 0) return new Registry(distinct);
    const codes = new Set(faults.map(({ code }) => code));
    throw faultsError(codes.size === 1 ? faults[0]!.code : 'PLUGIN_INVALID', faults, {
      subject: faults.length === 1 ? 'A plugin' : 'What the plugins bring',
      fix: 'Mend or leave out the plugins named, or ask their authors to.',
    });
  }

  find<K extends Kind>(kind: K, id: string): Registered<K> | undefined {
    return this.ofKind(kind).find(({ extension }) => extension.id === id);
  }

  ofKind<K extends Kind>(kind: K): readonly Registered<K>[] {
    return this.extensions.filter((registered): registered is Registered<K> => registered.extension.kind === kind);
  }
}

function duplicates(loaded: readonly LoadedPlugin[]): PluginFault[] {
  const names = new Map<string, string>();
  const owners = new Map<string, string>();
  const faults: PluginFault[] = [];
  const fault = (where: string, what: string) => faults.push({ code: 'PLUGIN_DUPLICATE', where, what });
  for (const { plugin, source } of loaded) {
    const other = names.get(plugin.name);
    names.set(plugin.name, source);
    if (other !== undefined) {
      // Its extensions clash too; that would say the same again.
      fault(plugin.name, `is loaded twice, from ${other} and from ${source}; keep one`);
      continue;
    }
    for (const { kind, id } of plugin.extensions) {
      const key = `${kind} "${id}"`;
      const owner = owners.get(key);
      if (owner !== undefined)
        fault(plugin.name, `defines the ${key}, which ${owner} defines already; leave one of them out`);
      owners.set(key, plugin.name);
    }
    for (const asset of Object.keys(plugin.assets ?? {})) {
      const owner = owners.get(asset);
      if (owner !== undefined) fault(plugin.name, `ships a file called "${asset}", as ${owner} does already`);
      owners.set(asset, plugin.name);
    }
  }
  return faults;
}
