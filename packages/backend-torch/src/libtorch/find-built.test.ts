import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { libtorchFiles } from '#support/fake-libtorch.js';
import { temporaryFiles } from '#support/temporary-files.js';
import { PLATFORM, findBuilt } from './find-built.js';
import { FORMAT, type Manifest } from './manifest.js';
import { readSources } from './sources.js';

const files = temporaryFiles();
const at = (name: string) => join(files.root(), name);
const find = (env = {}) =>
  findBuilt({ cwd: at('app'), env: { HASTE_TORCH_HOME: at('home'), ...env }, native: at('native') });

beforeEach(() => files.write({ ...libtorchFiles('torch'), ...libtorchFiles('other'), 'native/a.cc': 'int a;' }));

const manifestOf = (change: Partial<Manifest> = {}): Manifest => ({
  format: FORMAT,
  libtorch: { root: at('torch'), lib: at('torch/lib'), version: '2.13.0+cpu', cuda: false },
  sources: readSources(at('native')).hash,
  key: 'k',
  compiler: 'fake++ 1.0',
  platform: PLATFORM,
  napi: 8,
  node: 'v20.19.0',
  date: '2026-01-02T00:00:00.000Z',
  ...change,
});
const keep = (name: string, manifest: Manifest) =>
  files.write({ [`home/${name}/build.json`]: JSON.stringify(manifest), [`home/${name}/haste_torch.node`]: '' });

it('finds the build that fits, without a process', async () => {
  await keep('one', manifestOf());
  expect(find()).toEqual({
    build: { folder: at('home/one'), addon: at('home/one/haste_torch.node'), manifest: manifestOf() },
  });
});

it('finds it above the working directory too', async () => {
  const build = { 'build.json': JSON.stringify(manifestOf()), 'haste_torch.node': '' };
  await files.write(Object.fromEntries(Object.entries(build).map(([name, text]) => [`.haste/torch/x/${name}`, text])));
  const found = findBuilt({ cwd: at('app/deep'), env: {}, native: at('native') });
  expect(found).toMatchObject({ build: { folder: at('.haste/torch/x') } });
});

it('takes the one set up last, or the one for LIBTORCH', async () => {
  const { libtorch } = manifestOf();
  await keep('late', manifestOf({ date: '2026-02-01T00:00:00.000Z' }));
  await keep('early', manifestOf({ libtorch: { ...libtorch, root: at('other') } }));
  expect(find()).toMatchObject({ build: { folder: at('home/late') } });
  expect(find({ LIBTORCH: '../other' })).toMatchObject({ build: { folder: at('home/early') } });
});

it('says what to run when there is none', () => {
  expect(find()).toEqual({ reason: 'The addon for libtorch is not built yet.', fix: 'Run: npm run setup:torch' });
});

it.each<[string, string | RegExp, () => Promise<unknown>]>([
  ['a source changed', /other sources/, () => files.write({ 'native/a.cc': 'int b;' })],
  ['a header appeared', /other sources/, () => files.write({ 'native/kernels/k.h': '' })],
  ['libtorch is gone', /is gone: .*torch/, () => rm(at('torch'), { recursive: true })],
  [
    'libtorch changed',
    /2\.13\.0\+cpu, and in .* is now 2\.14\.1/,
    () => files.write(libtorchFiles('torch', { version: '2.14.1' })),
  ],
  ['half of it is missing', /not built yet/, () => rm(at('home/one/haste_torch.node'))],
  ['its description is cut', /not built yet/, () => files.write({ 'home/one/build.json': '{ "format": 1, "li' })],
  ['it is of another format', /not built yet/, () => keep('one', { ...manifestOf(), format: 0 as 1 })],
  ['it is of another machine', /built for sunos-sparc/, () => keep('one', manifestOf({ platform: 'sunos-sparc' }))],
  ['Node is too old', /Node-API 99/, () => keep('one', manifestOf({ napi: 99 }))],
])('does not take it when %s', async (_, reason, change) => {
  await keep('one', manifestOf());
  expect('build' in find()).toBe(true);
  await change();
  expect(find()).toMatchObject({ reason: expect.stringMatching(reason), fix: 'Run: npm run setup:torch' });
});

it('does not take one for another libtorch than LIBTORCH', async () => {
  await keep('one', manifestOf());
  expect(find({ LIBTORCH: at('other') })).toMatchObject({
    reason: expect.stringContaining(`LIBTORCH is ${at('other')}`),
  });
});
