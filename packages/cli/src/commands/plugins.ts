import type { LoadedPlugin, Registered, Registry } from '@hastejs/core';
import { HasteError, type JsonObject, isHasteError } from '@hastejs/plugin-api';
import { Command } from 'commander';
import type { Act, Context } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { withHost } from '../host.js';
import { formatOptions, goingText, optionRows } from '../output/option-table.js';
import { formatTable } from '../output/table.js';

const HELP = `
Built-in plugins are always there. A recipe adds others by importing them or by naming their
modules under "plugins"; packages among the dependencies of the package.json here that carry a
"haste" field are loaded as well. Nothing else in node_modules is looked at.

Examples:
  haste plugins                  everything that is loaded, by plugin
  haste plugins loss/attention   one extension with its options
  haste plugins layers           all extensions of a family or kind, with options
  haste plugins @hastejs/layers  all extensions of a plugin, with options
`;

export function pluginsCommand(act: Act): Command {
  return new Command('plugins')
    .description('list what is loaded, with options')
    .argument('[id]', 'an extension, a family, a kind or a plugin to describe')
    .option('--json', 'one JSON object a line on stdout, nothing else there')
    .addHelpText('after', HELP)
    .action(act(plugins));
}

async function plugins(context: Context, wanted: string | undefined): Promise<ExitCode> {
  const { output } = context;
  const fault = await refusal(context);
  await withHost(context, { project: fault === null }, async ({ registry }) => {
    const chosen = wanted === undefined ? registry.extensions : choose(registry, wanted);
    for (const registered of chosen) output.record('extension', extensionRecord(registered, registry));
    if (wanted === undefined) output.say(...registry.plugins.flatMap((loaded) => overview(loaded)));
    else output.say(...chosen.flatMap((registered) => description(registered)));
  });
  // What is sound has been listed; what the project brings beside it has been refused.
  if (fault !== null) throw fault;
  return EXIT.ok;
}

/** Why the plugins of the project cannot be used; null when they can, or there are none. */
async function refusal(context: Context): Promise<HasteError | null> {
  try {
    await withHost(context, {}, async () => undefined);
    return null;
  } catch (error) {
    if (isHasteError(error)) return error;
    throw error;
  }
}

/** By id, by its first part, by kind, or by plugin, in this order. */
function choose(registry: Registry, wanted: string): readonly Registered[] {
  const tests: ((registered: Registered) => boolean)[] = [
    ({ extension }) => extension.id === wanted,
    ({ extension }) => extension.id.startsWith(`${wanted}/`),
    ({ extension }) => extension.kind === wanted,
    ({ plugin }) => plugin.name === wanted,
  ];
  for (const test of tests) {
    const found = registry.extensions.filter(test);
    if (found.length > 0) return found;
  }
  throw new HasteError('EXTENSION_UNKNOWN', {
    what: `No loaded plugin is called "${wanted}" or defines it.`,
    where: `haste plugins ${wanted}`,
    fix: `There are ${registry.extensions.map(({ extension }) => extension.id).join(', ')}.`,
  });
}

function overview({ plugin, source }: LoadedPlugin): string[] {
  const from = source === plugin.name ? '' : `  (from ${source})`;
  const rows = plugin.extensions.map((extension) => [extension.kind, extension.id, summaryOf(extension)]);
  return [`${plugin.name} ${plugin.version}${from}`, ...formatTable(rows), ''];
}

function description({ extension, plugin }: Registered): string[] {
  return [
    `${extension.id}  (${extension.kind}, ${plugin.name} ${plugin.version})`,
    `  ${summaryOf(extension)}`,
    ...formatOptions(optionRows(optionsOf(extension)), '  '),
    '',
  ];
}

function summaryOf({ summary, deprecated }: Registered['extension']): string {
  return deprecated ? `${goingText(deprecated)} ${summary}` : summary;
}

function extensionRecord({ extension, plugin }: Registered, { plugins: loaded }: Registry): object {
  const { kind, id, summary, deprecated } = extension;
  const source = loaded.find((one) => one.plugin === plugin)?.source;
  const { name, version } = plugin;
  const going = deprecated && { deprecated };
  return { kind, id, summary, ...going, plugin: { name, version, source }, options: optionsOf(extension) };
}

function optionsOf({ options }: Registered['extension']): JsonObject {
  return options.toJSONSchema({ io: 'input' }) as unknown as JsonObject;
}
