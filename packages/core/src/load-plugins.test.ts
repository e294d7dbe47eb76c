import { join } from 'node:path';
import { importInNode } from '#support/node-import.js';
import { samples, thrownBy } from '#support/samples.js';
import { temporaryFiles } from '#support/temporary-files.js';
import { loadPlugins } from './load-plugins.js';
import type { Registry } from './registry.js';
import { resolveRecipe } from './resolve-recipe.js';

jest.mock('./import-module.js', () => ({ importModule: importInNode }));

const temporary = temporaryFiles();
const load = (...plugins: Parameters<typeof loadPlugins>[1]): Promise<Registry> =>
  loadPlugins([], plugins, temporary.root(), waiting);
const waiting = { notices: { warn: () => undefined }, patience: 60 };
const names = ({ plugins }: Registry): string[] => plugins.map(({ plugin }) => plugin.name);
const pluginText = (name: string, extensions = '[]'): string =>
  `export default { name: '${name}', version: '1.0.0', api: '^1.0.0', extensions: ${extensions} };`;

it('imports plugins by path, file URL and package, from the folder given', async () => {
  await temporary.write({
    'a.mjs': pluginText('a'),
    'b.ts': `const name: string = 'b';\nexport default { name, version: '1.0.0', api: '^1.0.0', extensions: [] };`,
    'c.mjs': pluginText('c'),
    'node_modules/@acme/d/package.json':
      '{ "name": "@acme/d", "type": "module", "exports": { "module": "./bundler.js", "import": "./main.js" } }',
    'node_modules/@acme/d/main.js': pluginText('@acme/d'),
    'node_modules/@acme/d/bundler.js': 'not for Node',
  });
  const registry = await load(
    './a.mjs',
    join(temporary.root(), 'b.ts'),
    `file://${temporary.root()}/c.mjs`,
    '@acme/d',
    samples,
  );
  expect(names(registry)).toEqual(['a', 'b', 'c', '@acme/d', 'sample']);
});

it('adds to what is loaded and leaves that as it was', async () => {
  const before = await load(samples);
  await temporary.write({ 'a.mjs': pluginText('a') });
  const after = await loadPlugins(before.plugins, ['./a.mjs', samples], temporary.root(), waiting);
  expect([names(before), names(after)]).toEqual([['sample'], ['sample', 'a']]);
});

it('collects what cannot be imported and what is no plugin, and says how to mend each', async () => {
  await temporary.write({
    'bad.mjs': 'throw new Error("no licence");',
    'none.mjs': 'export const x = 1;',
    'syntax.ts': 'const = 1',
  });
  const error = await thrownBy(() =>
    load('./bad.mjs', './none.mjs', './syntax.ts', './gone.mjs', 'no-such-plugin', null as never),
  );
  const root = temporary.root();
  expect(error.code).toBe('PLUGIN_INVALID');
  expect(error.where!.split('\n')).toEqual([
    './bad.mjs: threw while it was imported: no licence',
    `./syntax.ts: could not be imported (Expected identifier but found "="), at ${root}/syntax.ts:1:7`,
    expect.stringMatching(/^\.\/gone\.mjs: could not be imported \(Cannot find module .*gone\.mjs'\)/),
    `no-such-plugin: could not be imported (Cannot find package 'no-such-plugin'); npm install no-such-plugin in ${root}, or correct its name`,
    expect.stringMatching(/^\.\/none\.mjs: expected a plugin, got undefined; export default definePlugin/),
    expect.stringMatching(/^plugins\.5: expected a plugin, got null/),
  ]);
});

it('calls it unreadable when that is all that is wrong', async () => {
  expect(await thrownBy(() => load('no-such-plugin'))).toMatchObject({ code: 'PLUGIN_UNREADABLE' });
});

it('works with a plugin that carries its own copies of the plugin API and of zod', async () => {
  let foreign = samples;
  jest.isolateModules(() => {
    foreign = (jest.requireActual('#support/samples.js') as { samples: typeof samples }).samples;
  });
  const [own, other] = [samples, foreign].map((plugin) => plugin.extensions[0]!.options.constructor);
  expect(other).not.toBe(own);
  const registry = await load(foreign);
  const input = {
    name: 'x',
    student: { id: 'student/sample', with: { depth: 'deep' } },
    data: 'data/sample',
    steps: 1,
  };
  const error = await thrownBy(() => resolveRecipe(registry, input as never));
  expect(error.where).toBe(
    'student.with.depth: expected number, got string "deep"\ndata.with.dir: is missing (expected string)',
  );
});
