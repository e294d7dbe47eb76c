import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runScript } from '#support/run-script.js';
import { temporaryFiles } from '#support/temporary-files.js';

const files = temporaryFiles();

/** A plugin with nothing missing once the script has completed it. */
const sound = {
  name: '@hastejs/loss-one',
  version: '1.2.3',
  description: 'A loss that is written for this test.',
  keywords: ['loss'],
  exports: {
    '.': { types: './dist/index.d.ts', default: './dist/index.js' },
    './package.json': './package.json',
  },
  haste: { plugin: '.' },
  peerDependencies: { '@hastejs/plugin-api': '^1.2.3' },
};
const repository = (manifest: object, version = '1.2.3') =>
  files.write({
    'package.json': JSON.stringify({ engines: { node: '>=20.19' } }),
    'lerna.json': JSON.stringify({ version: '1.2.3' }),
    LICENSE: 'Do as you like.\n',
    'plugins/one/package.json': JSON.stringify(manifest),
    'plugins/one/README.md': '# One\n',
    'plugins/one/src/index.ts': `export default definePlugin({ name: '@hastejs/loss-one', version: '${version}' });\n`,
  });

it('every package of this repository is complete (npm run manifests)', () => {
  expect(runScript('manifests', '--check')).toEqual({ code: 0, out: '', err: '' });
});

it('completes what follows from where a package is', async () => {
  await repository(sound);
  expect(runScript('manifests', files.root())).toEqual({ code: 0, out: '', err: '' });
  const text = readFileSync(join(files.root(), 'plugins/one/package.json'), 'utf8');
  const manifest = JSON.parse(text) as Record<string, unknown>;
  expect(Object.keys(manifest).slice(0, 4)).toEqual(['name', 'version', 'description', 'keywords']);
  expect(manifest).toMatchObject({
    keywords: ['haste', 'haste-plugin', 'loss'],
    repository: { directory: 'plugins/one' },
    sideEffects: false,
    engines: { node: '>=20.19' },
    publishConfig: { access: 'public' },
  });
  expect(readFileSync(join(files.root(), 'plugins/one/LICENSE'), 'utf8')).toBe('Do as you like.\n');
});

it.each([
  ['a description', { description: 'losses' }, 'description: one sentence'],
  ['keywords', { keywords: [] }, 'keywords: at least one word'],
  ['another version', { version: '1.2.4' }, 'version 1.2.4; all packages are released together, as 1.2.3'],
  ['an old peer', { peerDependencies: { '@hastejs/plugin-api': '^1.0.0' } }, 'asks for @hastejs/plugin-api ^1.0.0'],
  ['no peer', { peerDependencies: {} }, 'peerDependencies: @hastejs/plugin-api is missing'],
  ['a copy of tensor', { dependencies: { '@hastejs/tensor': '^1.2.3' } }, 'belongs to peerDependencies'],
  ['a second entry', { exports: { ...sound.exports, './deep': './dist/deep.js' } }, 'exports: expected'],
])('tells %s', async (_, change, fault) => {
  await repository({ ...sound, ...change });
  const { code, err } = runScript('manifests', files.root());
  expect(code).toBe(1);
  expect(err).toMatch(/^plugins\/one\/package\.json: /);
  expect(err).toContain(fault);
});

it('tells a dependency whose own peers are not provided', async () => {
  const peerDependencies = { ...sound.peerDependencies, '@hastejs/features': '^1.2.3', sharp: '^1.0.0' };
  const peerDependenciesMeta = { sharp: { optional: true } };
  const other = { ...sound, name: '@hastejs/loss-two', peerDependencies, peerDependenciesMeta };
  await repository({ ...sound, dependencies: { '@hastejs/loss-two': '^1.2.3' } });
  await files.write({ 'plugins/two/package.json': JSON.stringify(other), 'plugins/two/src/index.ts': '' });
  const { err } = runScript('manifests', files.root());
  expect(err).toContain('plugins/one/package.json: @hastejs/loss-two needs @hastejs/features beside it');
  expect(err).not.toContain('sharp');
});

it('tells a plugin that gives itself another version than npm does', async () => {
  await repository(sound, '1.2.2');
  expect(runScript('manifests', files.root()).err).toContain(
    'definePlugin says @hastejs/loss-one 1.2.2, and package.json @hastejs/loss-one 1.2.3',
  );
});

it('tells fields that are not completed', async () => {
  await repository(sound);
  const { err } = runScript('manifests', '--check', files.root());
  expect(err).toContain('keywords, license, homepage');
  expect(err).toContain("LICENSE: is not the repository's");
});
