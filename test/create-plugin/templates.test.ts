// Every template as a person gets it: written by the packed command, built, tested, linted and trained against the packed
// packages, outside the repository.
import { mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PLUGIN_KINDS, namesOf } from '@hastejs/create-plugin';
import { records } from '#support/haste.js';
import { type PackedProject, dependOn, packedProject, succeed } from '#support/packed-project.js';

const TOOLS = { '@types/node': '^20.19.0', eslint: '10.15.0', typescript: '6.0.3', 'typescript-eslint': '8.73.0' };
const PLUGINS = PLUGIN_KINDS.map((kind) => ({ flag: kind.flag, ...namesOf(`haste-${kind.flag}-sketch`, kind) }));

/** Whose scripts are run as they stand: the scripts of all are the same, and npm and the older compiler take their time. */
const BY_NPM = PLUGINS[0]!.packageName;
const TSC = require.resolve('typescript7/package.json').replace('package.json', 'bin/tsc');

/** What `npm test` does. */
async function testFast(folder: string): Promise<string> {
  await succeed([process.execPath, TSC, '-p', 'tsconfig.build.json'], folder);
  const tests = (await readdir(join(folder, 'dist'))).filter((file) => file.endsWith('.test.js'));
  return succeed([process.execPath, '--test', ...tests.map((file) => `dist/${file}`)], folder);
}

let project: PackedProject;
const folderOf = (packageName: string, ...names: string[]) => project.path('plugins', packageName, ...names);

/** What `## Use` of a README shows. */
async function exampleOf(packageName: string): Promise<string> {
  const readme = await readFile(folderOf(packageName, 'README.md'), 'utf8');
  return /^```ts\n(.*?)^```/ms.exec(readme)![1]!;
}

/** Rows of the table under `## Options`: names and defaults. */
async function optionTableOf(packageName: string): Promise<[name: string, value: string][]> {
  const readme = await readFile(folderOf(packageName, 'README.md'), 'utf8');
  const rows = readme.matchAll(/^\| `(\w+)` +\| +(.*?) +\|/gm);
  return [...rows].map(([, name, value]) => [name!, value!.replaceAll('`', '')]);
}

beforeAll(async () => {
  project = await packedProject(TOOLS);
  await mkdir(project.path('plugins'));
  for (const { flag, packageName } of PLUGINS) {
    await succeed(
      [project.path('node_modules/.bin/create-plugin'), packageName, '--kind', flag],
      project.path('plugins'),
    );
    await symlink(folderOf(packageName), project.path('node_modules', packageName));
    await writeFile(folderOf(packageName, 'src/readme-example.ts'), await exampleOf(packageName));
  }
}, 400_000);
afterAll(() => project?.remove());

describe.each(PLUGINS)('a $flag as it is created', ({ packageName }) => {
  it('builds, and passes its contract and its own tests', async () => {
    const folder = folderOf(packageName);
    const text = packageName === BY_NPM ? await succeed(['npm', 'test', '--silent'], folder) : await testFast(folder);
    expect(Number(/^# pass (\d+)$/m.exec(text)?.[1])).toBeGreaterThan(10);
    // Not every kind has options that only `create` can refuse.
    const skipped = [...text.matchAll(/^ *ok .*# SKIP/gm)].map(([line]) => line);
    expect(skipped.filter((line) => !line.includes('refuses bad options'))).toEqual([]);
  }, 300_000);

  it('is used by its recipe in a run', async () => {
    const haste = project.path('node_modules/.bin/haste');
    const told = records(await succeed([haste, 'train', 'recipe.ts', '--json'], folderOf(packageName)));
    expect(told.at(-1)).toMatchObject({ event: 'report', status: 'finished' });
  }, 300_000);
});

describe('all templates', () => {
  it('are lint-free as they are', async () => {
    // Each file by the configuration of its own package, in one process.
    const text = await succeed([project.path('node_modules/.bin/eslint'), 'plugins'], project.folder);
    expect(text).toBe('');
  }, 300_000);

  it('show code in their READMEs that type-checks, as their recipes do', async () => {
    for (const { packageName } of PLUGINS) await succeed([process.execPath, TSC, '-p', '.'], folderOf(packageName));
  }, 300_000);

  it('are found by the command line in a project that depends on them, with the options that their READMEs list', async () => {
    await dependOn(
      project,
      PLUGINS.map(({ packageName }) => packageName),
    );
    const found = records(
      await succeed([project.path('node_modules/.bin/haste'), 'plugins', '--json'], project.folder),
    );
    for (const { id, packageName } of PLUGINS) {
      const record = found.find((one) => one['id'] === id && (one['plugin'] as { name: string }).name === packageName);
      const { properties } = record!['options'] as { properties: Record<string, { default?: unknown }> };
      const table = await optionTableOf(packageName);
      expect([id, table.map(([name]) => name)]).toEqual([id, Object.keys(properties)]);
      for (const [name, value] of table) {
        const given = properties[name]!.default;
        if (given === undefined) expect(value).toMatch(/^(—|all)$/);
        else
          expect([
            id,
            name,
            JSON.parse(/^[a-z]/.test(value) && !/^(true|false)$/.test(value) ? `"${value}"` : value),
          ]).toEqual([id, name, given]);
      }
    }
  }, 300_000);

  it('are ready for npm: scripts say so, and nothing but what is meant is published', async () => {
    for (const script of ['lint', 'typecheck', 'train']) {
      await succeed(['npm', 'run', '--silent', script], folderOf(BY_NPM));
    }
    for (const plugin of PLUGINS) {
      const text = await succeed(
        ['npm', 'pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error'],
        folderOf(plugin.packageName),
      );
      const [{ files }] = JSON.parse(text) as [{ files: { path: string }[] }];
      const sources = (await readdir(folderOf(plugin.packageName, 'src'))).filter((file) => !file.includes('.test.'));
      const built = sources.flatMap((file) => [file.replace('.ts', '.js'), file.replace('.ts', '.d.ts')]);
      const wanted = ['LICENSE', 'README.md', 'package.json', ...built.map((file) => `dist/${file}`)];
      expect(files.map(({ path }) => path).sort()).toEqual(wanted.sort());
    }
  }, 300_000);
});
