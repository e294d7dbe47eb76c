import type { Host } from '@hastejs/core';
import { type Backend, isHasteError } from '@hastejs/plugin-api';
import { Command } from 'commander';
import { stat } from 'node:fs/promises';
import type { Act, Context } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { withHost } from '../host.js';
import type { Colors } from '../io.js';
import { type Machine, inspectMachine } from '../machine.js';
import { formatBytes } from '../output/format.js';
import { formatTable } from '../output/table.js';

const HELP = `
Looks at this machine and changes nothing. It exits with 4 when no backend can run or Node is too
old, and with 0 otherwise, so that a script can ask before it trains.

Examples:
  haste doctor
  haste doctor --json | jq 'select(.event == "backend" and .available)'
`;

export function doctorCommand(act: Act): Command {
  return new Command('doctor')
    .description('say what this machine can run, what is missing and how to get it')
    .option('--json', 'one JSON object a line on stdout, nothing else there')
    .addHelpText('after', HELP)
    .action(act(doctor));
}

const FULL_SET =
  'for the full set: apt install dataset-fashion-mnist, or give the recipe its folder: fashionMnist({ dir })';

interface BackendFinding {
  readonly id: string;
  readonly name: string;
  readonly available: boolean;
  /** The one a run takes unless told otherwise. */
  readonly best: boolean;
  readonly device: string;
  readonly version: string;
  readonly reason?: string;
  readonly fix?: string;
  /** What it runs on, a fact a line. */
  readonly details: readonly string[];
}

interface Asset {
  readonly name: string;
  readonly path: string;
  /** Null when the file is missing. */
  readonly bytes: number | null;
}

async function doctor(context: Context): Promise<ExitCode> {
  const { output } = context;
  const { fashionMnistSource } = await context.engine();
  return withHost(context, {}, async (host) => {
    const machine = inspectMachine();
    const backends = await findBackends(host);
    const data = await fashionMnistSource('auto', 'train');
    const shipped = await fashionMnistSource('shipped', 'train');
    output.record('machine', machine);
    for (const backend of backends) output.record('backend', backend);
    output.record('data', { name: 'Fashion-MNIST', ...data });
    const assets = await findAssets(host);
    for (const asset of assets) output.record('asset', asset);
    const { colors } = output;
    output.say(
      ...machineLines(machine, colors),
      '',
      'backends',
      ...backends.flatMap((backend) => backendLines(backend, colors)),
      '',
      'data',
      ...formatTable([
        [
          mark(true, colors),
          'Fashion-MNIST',
          data.label.includes(data.folder) ? data.label : `${data.label} (${data.folder})`,
        ],
      ]),
      ...mend(data.folder === shipped.folder ? FULL_SET : undefined),
      ...assets.flatMap((asset) => assetLines(asset, colors)),
    );
    return machine.node.ok && backends.some(({ available }) => available) ? EXIT.ok : EXIT.place;
  });
}

async function findBackends(host: Host): Promise<BackendFinding[]> {
  const found = [...(await host.backends())].sort((a, b) => b.backend.rank - a.backend.rank);
  const best = found.find(({ report }) => report.available);
  return Promise.all(
    found.map(async (each) => ({
      id: each.extension.id,
      name: each.backend.name,
      best: each === best,
      ...each.report,
      details: await detailsOf(each.backend),
    })),
  );
}

/** One that cannot say what it runs on is still listed, with the reason. */
async function detailsOf(backend: Backend): Promise<readonly string[]> {
  try {
    return (await backend.details?.()) ?? [];
  } catch (error) {
    const reason = isHasteError(error) ? error.what : error instanceof Error ? error.message : String(error);
    return [`it cannot tell more: ${reason}`];
  }
}

/** Files that plugins ship, such as weights: a recipe names them `haste:<name>`. */
async function findAssets({ registry }: Host): Promise<Asset[]> {
  const shipped = registry.plugins.flatMap(({ plugin }) => Object.entries(plugin.assets ?? {}));
  return Promise.all(
    shipped.map(async ([name, path]) => {
      const found = await stat(path).catch(() => null);
      return { name: `haste:${name}`, path, bytes: found?.size ?? null };
    }),
  );
}

function assetLines({ name, path, bytes }: Asset, colors: Colors): string[] {
  const about = bytes === null ? `is missing: ${path}` : `${formatBytes(bytes)} (${path})`;
  return [
    ...formatTable([[mark(bytes !== null, colors), name, about]]),
    ...mend(bytes === null ? 'install the package again' : undefined),
  ];
}

function machineLines({ node, cpu, memory, platform }: Machine, colors: Colors): string[] {
  return [
    'machine',
    ...formatTable([
      [mark(node.ok, colors), 'node', `${node.version} (Haste needs ${node.needed} or newer)`],
      [mark(true, colors), 'cpu', `${cpu.count} × ${cpu.model}`],
      [mark(true, colors), 'memory', `${formatBytes(memory.total)}, ${formatBytes(memory.free)} free`],
      [mark(true, colors), 'system', platform],
    ]),
  ];
}

function backendLines(backend: BackendFinding, colors: Colors): string[] {
  const { available, id, device, version, reason, best, fix, details } = backend;
  const facts = available
    ? `${device}, ${version}${best ? '  ← used unless told otherwise' : ''}`
    : (reason ?? 'missing');
  const more = details.map((line) => `      ${line}`);
  return [...formatTable([[mark(available, colors), id, facts]]), ...more, ...mend(available ? undefined : fix)];
}

function mark(ok: boolean, colors: Colors): string {
  return ok ? colors.green('✓') : colors.red('✗');
}

function mend(fix: string | undefined): string[] {
  return fix === undefined ? [] : [`      ${fix}`];
}
