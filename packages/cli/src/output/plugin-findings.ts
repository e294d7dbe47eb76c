import type { RefusedPlugin } from '@hastejs/core';
import type { PluginPackage } from '../project-plugins.js';

/** What a look at the plugins found besides those that are loaded. */
export interface PluginFindings {
  readonly refused: RefusedPlugin[];
  /** The project's own. */
  readonly packageJson: string | null;
  /** Plugin packages among the dependencies of a project that does not opt in. */
  readonly idle: readonly PluginPackage[];
}

/** Every plugin that cannot be used with all its faults, and those that only wait to be asked for. */
export function formatFindings(
  { refused, packageJson, idle }: PluginFindings,
  shorten: (path: string) => string,
): string[] {
  return [
    ...(refused.length === 0 ? [] : ['refused', ...refused.flatMap((plugin) => formatRefused(plugin, shorten)), '']),
    ...(idle.length === 0
      ? []
      : [
          'installed, but not loaded',
          ...idle.map(({ name, version }) => `  ${name} ${version ?? ''}`.trimEnd()),
          `  To load them here, add "haste": { "plugins": "dependencies" } to ${shorten(packageJson!)};`,
          '  a recipe that imports one, or names it under "plugins", loads it in any case.',
          '',
        ]),
  ];
}

/** The same for machines. */
export function findingRecords({ refused, idle }: PluginFindings): [event: string, data: object][] {
  return [
    ...refused.map((plugin): [string, object] => ['refused', plugin]),
    ...idle.map((plugin): [string, object] => ['idle', plugin]),
  ];
}

function formatRefused(plugin: RefusedPlugin, shorten: (path: string) => string): string[] {
  const { name, version, source, file, origin, faults } = plugin;
  const title = [name ?? source, version].filter((part) => part !== null).join(' ');
  const place = file ? shorten(file) : source;
  const lines = faults.map(({ code, where, what }) => {
    // The extension at fault; the plugin is named above.
    const inside = where.startsWith(`${name ?? source}, `) ? `${where.slice((name ?? source).length + 2)}: ` : '';
    return `    ${inside}${what} [${code}]`;
  });
  return [`  ${title}  (${origin ?? 'program'}: ${place})`, ...lines];
}
