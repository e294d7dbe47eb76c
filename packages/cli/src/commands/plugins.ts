import type { LoadedPlugin, Registered, Registry } from '@hastejs/core';
import { HasteError, type JsonObject } from '@hastejs/plugin-api';
import { Command } from 'commander';
import { resolve } from 'node:path';
import type { Act, Context } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { withHost } from '../host.js';
import type { Output } from '../output/output.js';
import { formatOptions, goingText, optionRows } from '../output/option-table.js';
import { formatTable } from '../output/table.js';
import { type Origin, Origins } from '../origins.js';
import { type PluginFindings, findingRecords, formatFindings } from '../output/plugin-findings.js';
import { projectPlugins } from '../project-plugins.js';

const HELP = `
Built-in plugins are always there. A recipe brings others: it imports them, or names their modules
under "plugins". A project may bring those among the dependencies in its package.json that carry a
"haste" field, if that package.json says so: "haste": { "plugins": "dependencies" }. Nothing else
in node_modules is looked at. Where recipe and project bring a plugin of one name, the recipe's
is used.

It exits with 3 when a plugin is refused; the others are listed all the same.

Examples:
  haste plugins                  everything that is loaded, by plugin, and what is refused and why
  haste plugins --recipe r.ts    the same, with what a recipe brings
  haste plugins loss/attention   one extension with its options
  haste plugins layers           all extensions of a family or kind, with options
  haste plugins @hastejs/layers  all extensions of a plugin, with options
`;

export function pluginsCommand(act: Act): Command {
  return new Command('plugins')
    .description('list what is loaded, with options, and what is refused')
    .argument('[id]', 'an extension, a family, a kind or a plugin to describe')
    .option('--recipe <file>', 'with the plugins that this recipe brings')
    .option('--json', 'one JSON object a line on stdout, nothing else there')
    .addHelpText('after', HELP)
    .action(act(plugins));
}

const SHOWN: readonly Origin['origin'][] = ['recipe', 'project', 'program', 'built in'];

async function plugins(
  context: Context,
  wanted: string | undefined,
  flags: { readonly recipe?: string },
): Promise<ExitCode> {
  const { output, io } = context;
  const recipe = flags.recipe === undefined ? null : await readPlugins(context, resolve(io.cwd, flags.recipe));
  const { packageJson, optedIn, packages } = await projectPlugins(io.cwd);
  const findings: PluginFindings = { refused: [], packageJson, idle: optedIn ? [] : packages };
  const refused = (plugin: PluginFindings['refused'][number]) => void findings.refused.push(plugin);
  const { locatePackage } = await context.engine();
  const origins = new Origins(locatePackage, io.cwd, recipe?.baseDir ?? io.cwd);
  try {
    await withHost(context, { ...recipe, refused }, ({ registry }) => list(output, registry, origins, wanted));
  } finally {
    // Also when what was asked for is not there: it may be what was refused.
    const shown = wanted === undefined ? findings : { ...findings, idle: [] };
    for (const record of findingRecords(shown)) output.record(...record);
    output.say(...formatFindings(shown, (path) => origins.shorten(path)));
  }
  return findings.refused.length === 0 ? EXIT.ok : EXIT.input;
}

async function list(output: Output, registry: Registry, origins: Origins, wanted: string | undefined): Promise<void> {
  const chosen = wanted === undefined ? registry.extensions : choose(registry, wanted);
  const cameFrom = new Map<unknown, Origin>();
  for (const loaded of registry.plugins) cameFrom.set(loaded.plugin, await origins.of(loaded));
  for (const registered of chosen) {
    output.record('extension', extensionRecord(registered, cameFrom.get(registered.plugin)!));
  }
  if (wanted !== undefined) return output.say(...chosen.flatMap((registered) => description(registered)));
  // What was added comes before what is always there.
  const rank = ({ plugin }: LoadedPlugin) => SHOWN.indexOf(cameFrom.get(plugin)!.origin);
  const shown = registry.plugins.toSorted((a, b) => rank(a) - rank(b));
  output.say(...shown.flatMap((one) => overview(one, origins.format(cameFrom.get(one.plugin)!))));
}

async function readPlugins(context: Context, path: string) {
  const { readRecipe } = await context.engine();
  const { recipe, baseDir } = await readRecipe(path);
  return { plugins: recipe.plugins ?? [], baseDir };
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

function overview({ plugin }: LoadedPlugin, from: string): string[] {
  const rows = plugin.extensions.map((extension) => [extension.kind, extension.id, summaryOf(extension)]);
  return [`${plugin.name} ${plugin.version}  (${from})`, ...formatTable(rows), ''];
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

function extensionRecord({ extension, plugin }: Registered, origin: Origin): object {
  const { kind, id, summary, deprecated } = extension;
  const { name, version } = plugin;
  const going = deprecated && { deprecated };
  return { kind, id, summary, ...going, plugin: { name, version, ...origin }, options: optionsOf(extension) };
}

function optionsOf({ options }: Registered['extension']): JsonObject {
  return options.toJSONSchema({ io: 'input' }) as unknown as JsonObject;
}
