import type { AnyExtension, Kind, Plugin } from '@hastejs/plugin-api';
import { ContractFault, must } from '../contract/contract-fault.js';
import type { Contract, ContractCheck } from '../contract/contract.js';
import { extensionContract } from '../contracts.js';
import type { AnyCase } from '../kinds/kind-checks.js';
import { pluginChecks } from './plugin-checks.js';
import { type ImportEffects, importEffects } from './import-effects.js';

/** Cases by extension id; several for one that is used in several ways. */
export type PluginCases = Readonly<Record<string, AnyCase | readonly AnyCase[]>>;

export interface PluginContractOptions {
  /** How each extension is created. One that needs no options may be left out. */
  readonly cases?: PluginCases;
}

/**
 * What a whole package promises: importing it does nothing, it is what core accepts, and each of its extensions keeps the
 * contract of its kind.
 * @param plugin the default export of the package. Given `() => import('my-plugin')`, it is imported here, and what the
 * import does is looked at: it must be the first import of it in the process.
 * @throws ContractFault for a case of an extension that the plugin does not have.
 */
export function pluginContract(plugin: Plugin, options?: PluginContractOptions): Contract;
export function pluginContract(
  plugin: () => Promise<{ readonly default: Plugin }>,
  options?: PluginContractOptions,
): Promise<Contract>;
export function pluginContract(
  plugin: Plugin | (() => Promise<{ readonly default: Plugin }>),
  options: PluginContractOptions = {},
): Contract | Promise<Contract> {
  if (typeof plugin !== 'function') return contractOf(plugin, options, null);
  return importEffects(plugin).then(({ value, effects }) => contractOf(value.default, options, effects));
}

function contractOf(plugin: Plugin, { cases = {} }: PluginContractOptions, effects: ImportEffects | null): Contract {
  const unknown = Object.keys(cases).filter((id) => !plugin.extensions.some((extension) => extension.id === id));
  must(unknown.length === 0, () => ({
    what: `There are cases for ${unknown.join(', ')}, which ${plugin.name} does not have.`,
    where: 'cases',
    fix: `Name its extensions: ${plugin.extensions.map(({ id }) => id).join(', ')}.`,
  }));
  const own: ContractCheck[] = [
    ...(effects ? [{ name: 'does nothing when it is imported', run: async () => mustBeNothing(effects) }] : []),
    ...pluginChecks(plugin),
  ];
  const inner = (plugin.extensions as readonly AnyExtension<Kind>[]).flatMap((extension) =>
    [cases[extension.id] ?? {}].flat().flatMap((one) => {
      const { id, checks } = extensionContract(extension.kind, extension, one, plugin);
      return checks.map((check) => ({ ...check, name: `${id} ${check.name}`, extension: extension.id }));
    }),
  );
  return { kind: 'plugin', id: plugin.name, checks: [...own, ...inner] };
}

function mustBeNothing(effects: ImportEffects): void {
  if (effects.length === 0) return;
  throw new ContractFault({
    what: `Importing it ${effects.join('; ')}.`,
    where: 'the module body',
    fix: 'Do it in create(): a host imports many plugins to list them, and two runs must not see each other.',
  });
}
