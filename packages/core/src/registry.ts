import type { AnyExtension, HasteError, Kind, Plugin } from '@hastejs/plugin-api';
import { faultsError } from './faults.js';
import { type PluginFault, checkPlugin } from './plugin-check.js';

/** Who brings a plugin: Haste itself, the recipe, the project by its dependencies, or the program that made the host. */
export type PluginOrigin = 'built in' | 'recipe' | 'project' | 'program';

interface PluginSource {
  /** The module specifier it was imported by, or its name where it was given as an object. */
  readonly source: string;
  /** Absent: the program. */
  readonly origin?: PluginOrigin;
  /** The file that was imported; null or absent where it was given as an object. */
  readonly file?: string | null;
}

export interface LoadedPlugin extends PluginSource {
  readonly plugin: Plugin;
}

/** What is to become one. */
export interface Candidate extends PluginSource {
  /** What its module exports, or a program gives: anything. */
  readonly plugin?: unknown;
  /** Why there is nothing to look at. */
  readonly unreadable?: string;
}

/** A plugin that cannot be used, with every reason. */
export interface RefusedPlugin extends PluginSource {
  /** As it calls itself, where it does. */
  readonly name: string | null;
  readonly version: string | null;
  readonly faults: readonly PluginFault[];
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
   * @param refused receives those that are refused, and the registry has the others; of two that clash, the earlier one stays.
   * Absent: one that is refused refuses all.
   * @throws HasteError PLUGIN_… with every fault of every plugin.
   */
  static of(candidates: readonly Candidate[], refused?: (plugin: RefusedPlugin) => void): Registry {
    // The same plugin twice, a built-in that a recipe names again, is no conflict.
    const isSame = (a: Candidate, b: Candidate) => !a.unreadable && !b.unreadable && a.plugin === b.plugin;
    const distinct = candidates.filter(
      (one, i) => one.unreadable || candidates.findIndex((other) => isSame(one, other)) === i,
    );
    const own = new Map(distinct.map((candidate) => [candidate, faultsOf(candidate)]));
    const sound = distinct.filter((candidate) => own.get(candidate)!.length === 0) as LoadedPlugin[];
    const clashes = duplicates(sound);
    const accepted = sound.filter((loaded) => !clashes.has(loaded));
    if (accepted.length === distinct.length) return new Registry(accepted);
    const faulty = distinct.map((candidate) => ({
      candidate,
      faults: [...own.get(candidate)!, ...(clashes.get(candidate) ?? [])],
    }));
    if (!refused) throw refusal(faulty.flatMap(({ faults }) => faults));
    for (const { candidate, faults } of faulty) if (faults.length > 0) refused(asRefused(candidate, faults));
    return new Registry(accepted);
  }

  find<K extends Kind>(kind: K, id: string): Registered<K> | undefined {
    return this.ofKind(kind).find(({ extension }) => extension.id === id);
  }

  ofKind<K extends Kind>(kind: K): readonly Registered<K>[] {
    return this.extensions.filter((registered): registered is Registered<K> => registered.extension.kind === kind);
  }
}

function faultsOf({ plugin, unreadable, source }: Candidate): PluginFault[] {
  return unreadable === undefined
    ? checkPlugin(plugin, source)
    : [{ code: 'PLUGIN_UNREADABLE', where: source, what: unreadable }];
}

function refusal(faults: readonly PluginFault[]): HasteError {
  // What could not be read at all is told first.
  const unreadable = faults.filter(({ code }) => code === 'PLUGIN_UNREADABLE');
  const all = [...unreadable, ...faults.filter((fault) => !unreadable.includes(fault))];
  const codes = new Set(all.map(({ code }) => code));
  return faultsError(codes.size === 1 ? all[0]!.code : 'PLUGIN_INVALID', all, {
    subject: all.length === 1 ? 'A plugin' : 'What the plugins bring',
    fix: 'Mend or leave out the plugins named, or ask their authors to.',
  });
}

function asRefused(
  { plugin, unreadable: _reason, ...source }: Candidate,
  faults: readonly PluginFault[],
): RefusedPlugin {
  const { name, version } = (plugin ?? {}) as { name?: unknown; version?: unknown };
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);
  return { ...source, name: text(name), version: text(version), faults };
}

/** Those that clash with an earlier one, and how. */
function duplicates(loaded: readonly LoadedPlugin[]): ReadonlyMap<Candidate, readonly PluginFault[]> {
  const names = new Map<string, LoadedPlugin>();
  const owners = new Map<string, string>();
  const faults = new Map<Candidate, PluginFault[]>();
  for (const candidate of loaded) {
    const { plugin } = candidate;
    const fault = (what: string) =>
      void faults.set(candidate, [
        ...(faults.get(candidate) ?? []),
        { code: 'PLUGIN_DUPLICATE', where: plugin.name, what },
      ]);
    const other = names.get(plugin.name);
    if (other !== undefined) {
      // Its extensions clash too; that would say the same again.
      fault(`is loaded twice, ${cameFrom(other)} and ${cameFrom(candidate)}; keep one`);
      continue;
    }
    const claims = claimsOf(plugin);
    const own = new Set<string>();
    for (const { key, clash } of claims) {
      const owner = owners.get(key) ?? (own.has(key) ? plugin.name : undefined);
      if (owner !== undefined) fault(clash(owner));
      own.add(key);
    }
    // What is refused owns nothing.
    if (faults.has(candidate)) continue;
    names.set(plugin.name, candidate);
    for (const { key } of claims) owners.set(key, plugin.name);
  }
  return faults;
}

/** What only one plugin can have, and what is said of two. */
function claimsOf({ extensions, assets = {} }: Plugin): { key: string; clash(owner: string): string }[] {
  return [
    ...extensions.map(({ kind, id }) => ({
      key: `${kind} "${id}"`,
      clash: (owner: string) => `defines the ${kind} "${id}", which ${owner} defines already; leave one of them out`,
    })),
    ...Object.keys(assets).map((asset) => ({
      key: `file ${asset}`,
      clash: (owner: string) => `ships a file called "${asset}", as ${owner} does already`,
    })),
  ];
}

/** `version 1.0.0 from ./plugin.mjs (recipe)` */
function cameFrom({ plugin, source, file, origin }: LoadedPlugin): string {
  const who = origin === undefined || origin === 'program' ? '' : ` (${origin})`;
  return `version ${plugin.version} from ${file ?? source}${who}`;
}
