// An npm project outside the repository that has our packages as people get them: from tarballs.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const REPOSITORY = join(__dirname, '../..');

export interface Ended {
  readonly code: number | null;
  /** stdout and stderr, as they came. */
  readonly text: string;
}

/** Runs a program to its end, without colours, and without what npm and jest tell programs that they start. */
export function run(command: readonly [string, ...string[]], cwd: string): Promise<Ended> {
  const told =
    /^(npm_(lifecycle|package|command|config_(workspace|local_prefix))|JEST_|NODE_TEST_CONTEXT$|FORCE_COLOR$)/;
  const inherited = Object.entries(process.env).filter(([name]) => !told.test(name));
  const env = { ...Object.fromEntries(inherited), NO_COLOR: '1' };
  return new Promise((resolve, reject) => {
    const child = spawn(command[0], command.slice(1), { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (more: string) => (text += more));
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, text }));
  });
}

/** Runs a program that must succeed. @throws Error with all that it printed. */
export async function succeed(command: readonly [string, ...string[]], cwd: string): Promise<string> {
  const { code, text } = await run(command, cwd);
  if (code === 0) return text;
  throw new Error(`${command.join(' ')} in ${cwd} ended with ${code}:\n${text}`);
}

export interface PackedProject {
  readonly folder: string;
  path(...names: string[]): string;
  remove(): Promise<void>;
}

/**
 * Packs every package of the repository, as built, and installs all tarballs into an empty project.
 * @param others third-party packages by version, installed with them.
 */
export async function packedProject(others: Readonly<Record<string, string>>): Promise<PackedProject> {
  const folder = await mkdtemp(join(tmpdir(), 'haste-packed-'));
  const path = (...names: string[]): string => join(folder, ...names);
  await mkdir(path('tarballs'));
  const quiet = ['--loglevel=error', '--no-audit', '--no-fund'];
  const packed = await succeed(
    ['npm', 'pack', '--workspaces', '--pack-destination', path('tarballs'), '--json', ...quiet],
    REPOSITORY,
  );
  const list = JSON.parse(packed.slice(packed.indexOf('['))) as { name: string; filename: string }[];
  const dependencies = Object.fromEntries(list.map(({ name, filename }) => [name, `file:tarballs/${filename}`]));
  const manifest = { name: 'a-project', private: true, type: 'module', dependencies, devDependencies: others };
  await writeFile(path('package.json'), JSON.stringify(manifest, null, 2));
  // Without install scripts: no package that a plugin needs has one it cannot do without.
  await succeed(['npm', 'install', '--prefer-offline', '--ignore-scripts', '--no-progress', ...quiet], folder);
  return { folder, path, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Adds dependencies to a package.json as if they had been installed, and lets the command line load the plugins among them. */
export async function dependOn(project: PackedProject, names: readonly string[]): Promise<void> {
  const manifest = JSON.parse(await readFile(project.path('package.json'), 'utf8')) as { dependencies: object };
  const dependencies = { ...manifest.dependencies, ...Object.fromEntries(names.map((name) => [name, '*'])) };
  const haste = { plugins: 'dependencies' };
  await writeFile(project.path('package.json'), JSON.stringify({ ...manifest, dependencies, haste }, null, 2));
}
