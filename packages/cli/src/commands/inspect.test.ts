import { EventEmitter } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { definePlugin, defineSampler, deprecated } from '@hastejs/plugin-api';
import { captureIo } from '#support/capture-io.js';
import { fakeBackend, fakeEngine, fakePlugin } from '#support/fake-engine.js';
import { importInNode } from '#support/node-import.js';
import { z } from 'zod';
import { main } from '../main.js';

jest.mock('../../../core/src/import-module.js', () => ({ importModule: (url: string) => importInNode(url) }));

async function haste(argv: string[], engine = {}, cwd = '/') {
  const io = captureIo({ cwd, env: { NO_COLOR: '1' } });
  const code = await main(argv, {
    io,
    signals: new EventEmitter(),
    engine: async () => fakeEngine(engine),
    version: '0',
  });
  return { code, io, records: () => io.out.lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

const assets = { there: __filename, gone: '/gone' };
const plugin = (...extensions: ReturnType<typeof fakeBackend>[]) =>
  definePlugin({ name: '@fake/backends', version: '1.0.0', api: '^1.0.0', extensions, assets });

describe('haste doctor', () => {
  const data = { folder: '/shipped', label: 'the part shipped' };
  const engine = {
    fashionMnistSource: async () => data,
    builtins: [
      plugin(
        fakeBackend('cpu', 0, true, () => Promise.reject(new Error('no disk'))),
        fakeBackend('torch', 20, false, async () => ['libtorch: 2.13, /opt', 'addon: none']),
        fakeBackend('wasm', 10, true),
      ),
    ],
  };

  it('says what can run, what is used, and how to get what is missing', async () => {
    const { code, io } = await haste(['doctor'], engine);
    expect(code).toBe(0);
    const lines = io.out.lines.slice(io.out.lines.indexOf('backends') + 1);
    expect(lines).toEqual([
      '  ✗  backend/torch  no torch here',
      '      libtorch: 2.13, /opt',
      '      addon: none',
      '      install torch',
      '  ✓  backend/wasm  one thread, 4.22  ← used unless told otherwise',
      '  ✓  backend/cpu  one thread, 4.22',
      '      it cannot tell more: backend/cpu (@fake/backends 1.0.0) failed in details(): no disk',
      '',
      'data',
      '  ✓  Fashion-MNIST  the part shipped (/shipped)',
      expect.stringContaining('apt install dataset-fashion-mnist'),
      expect.stringMatching(/^ {2}✓ {2}haste:there {2}\d.* \(.*inspect\.test\.ts\)$/),
      '  ✗  haste:gone  is missing: /gone',
      '      install the package again',
    ]);
    expect(io.out.text).toContain(process.version);
  });

  it('exits with 4 when nothing can run', async () => {
    const { code, records } = await haste(['doctor', '--json'], {
      ...engine,
      builtins: [plugin(fakeBackend('torch', 20, false))],
    });
    expect(code).toBe(4);
    expect(records().map(({ event }) => event)).toEqual(['machine', 'backend', 'data', 'asset', 'asset']);
    expect(records()[1]).toMatchObject({ id: 'backend/torch', available: false, best: false, fix: 'install torch' });
  });
});

describe('haste plugins', () => {
  it('lists everything by plugin', async () => {
    const { code, io } = await haste(['plugins']);
    expect(code).toBe(0);
    expect(io.out.lines[0]).toBe('@fake/all 1.2.3  (built in)');
    expect(io.out.lines).toContain('  alignmentLoss  loss/fake               Always nil.');
  });

  it.each(['sampler/heun', 'sampler', '@fake/all'])('describes %s with options', async (wanted) => {
    const { io } = await haste(['plugins', wanted]);
    expect(io.out.text).toContain('sampler/heun  (sampler, @fake/all 1.2.3)\n  Draws nothing twice.\n');
    expect(io.out.text).toContain('  steps   integer > 0  250      Steps.\n');
  });

  it('describes a family of ids', async () => {
    const { io } = await haste(['plugins', 'loss']);
    expect(io.out.text).toBe('loss/fake  (alignmentLoss, @fake/all 1.2.3)\n  Always nil.\n  (no options)\n\n');
  });

  it('says of what will go what to use instead, in lists, descriptions and records', async () => {
    const options = z.strictObject({
      n: deprecated(z.int().default(2).describe('Steps.'), { since: '1.1.0', use: '"steps"' }),
    });
    const create = () => ({ sample: async () => new Float64Array(0) });
    const going = { since: '1.2.0', use: 'sampler/new', until: '2.0.0' };
    const old = defineSampler({ id: 'sampler/old', summary: 'Draws.', options, deprecated: going, create });
    const builtins = [definePlugin({ name: '@fake/old', version: '1.2.0', api: '^1.1.0', extensions: [old] })];
    const told = 'Deprecated since 1.2.0: use sampler/new (it goes in 2.0.0). Draws.';
    expect((await haste(['plugins'], { builtins })).io.out.text).toContain(`sampler  sampler/old  ${told}`);
    const described = (await haste(['plugins', 'sampler/old'], { builtins })).io.out.text;
    expect(described).toContain(`\n  ${told}\n`);
    expect(described).toMatch(/n +integer +2 +Deprecated since 1\.1\.0: use "steps"\. Steps\./);
    const { records } = await haste(['plugins', 'sampler/old', '--json'], { builtins });
    expect(records()).toEqual([expect.objectContaining({ deprecated: going })]);
  });

  it('gives machines the JSON Schema of the options', async () => {
    const { records } = await haste(['plugins', 'sampler/heun', '--json']);
    expect(records()).toEqual([
      expect.objectContaining({
        event: 'extension',
        kind: 'sampler',
        id: 'sampler/heun',
        plugin: { name: '@fake/all', version: '1.2.3', source: '@fake/all', origin: 'built in', path: null },
        options: expect.objectContaining({ properties: { steps: expect.objectContaining({ default: 250 }) } }),
      }),
    ]);
  });

  it('offers what there is instead of what there is not', async () => {
    const { code, io } = await haste(['plugins', 'loss/feature']);
    expect(code).toBe(3);
    expect(io.err.text).toMatch(/called "loss\/feature"[^]*loss\/fake/);
  });

  describe('of a project', () => {
    let cwd: string;
    beforeEach(async () => {
      cwd = await mkdtemp(join(tmpdir(), 'haste-plugins-'));
      await writeFiles({
        'package.json': { haste: { plugins: 'dependencies' }, dependencies: { bad: '1', good: '1', worse: '1' } },
        'node_modules/bad/package.json': { name: 'bad', main: 'absent.js', haste: {} },
        'node_modules/good/package.json': {
          name: 'good',
          type: 'module',
          main: 'index.js',
          version: '2.0.0',
          haste: {},
        },
        'node_modules/good/index.js': pluginText('good', '^1.0.0'),
        'node_modules/worse/package.json': { name: 'worse', type: 'module', main: 'index.js', haste: {} },
        'node_modules/worse/index.js': pluginText('worse', '^9.0.0'),
      });
    });
    afterEach(() => rm(cwd, { recursive: true }));

    const pluginText = (name: string, api: string) =>
      `export default { name: '${name}', version: '2.0.0', api: '${api}', extensions: [] };`;
    async function writeFiles(files: Readonly<Record<string, object | string>>): Promise<void> {
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(cwd, path)), { recursive: true });
        await writeFile(join(cwd, path), typeof content === 'string' ? content : JSON.stringify(content));
      }
    }

    it('are listed with where they came from, and each that is refused with why', async () => {
      const { code, io } = await haste(['plugins'], {}, cwd);
      expect(code).toBe(3);
      const { lines } = io.out;
      expect(lines).toContain('@fake/all 1.2.3  (built in)');
      expect(lines).toContain('good 2.0.0  (project: node_modules/good/index.js)');
      expect(lines.slice(lines.indexOf('refused'))).toEqual([
        'refused',
        '  bad  (project: bad)',
        `    could not be imported (Cannot find package 'bad'); npm install bad in ${cwd}, or correct its name [PLUGIN_UNREADABLE]`,
        '  worse 2.0.0  (project: node_modules/worse/index.js)',
        expect.stringMatching(/^ {4}is written for plugin API \^9\.0\.0, and this is .*\[PLUGIN_INCOMPATIBLE\]$/),
        '',
      ]);
      expect(io.err.text).toBe('');
    });

    it('are refused one by one for machines, too', async () => {
      const { records } = await haste(['plugins', '--json'], {}, cwd);
      const refused = records().filter(({ event }) => event === 'refused');
      expect(refused).toMatchObject([
        { source: 'bad', name: null, origin: 'project', faults: [{ code: 'PLUGIN_UNREADABLE' }] },
        { source: 'worse', name: 'worse', version: '2.0.0', faults: [{ code: 'PLUGIN_INCOMPATIBLE' }] },
      ]);
    });

    it('are told when what is asked for is not there: it may be what was refused', async () => {
      const { code, io } = await haste(['plugins', 'teacher/worse'], {}, cwd);
      expect(code).toBe(3);
      expect(io.out.text).toMatch(/^refused\n {2}bad/);
      expect(io.err.text).toContain('[EXTENSION_UNKNOWN]');
    });

    it('stay out where the project does not opt in, and are named', async () => {
      await writeFiles({ 'package.json': { dependencies: { bad: '1', good: '1' } } });
      const { code, io } = await haste(['plugins'], {}, cwd);
      expect(code).toBe(0);
      expect(io.out.lines.slice(io.out.lines.indexOf('installed, but not loaded'))).toEqual([
        'installed, but not loaded',
        '  bad',
        '  good 2.0.0',
        '  To load them here, add "haste": { "plugins": "dependencies" } to package.json;',
        '  a recipe that imports one, or names it under "plugins", loads it in any case.',
        '',
      ]);
    });

    it('yield to those that a recipe brings', async () => {
      await writeFiles({
        'package.json': { haste: { plugins: 'dependencies' }, dependencies: { good: '1' } },
        'mine.mjs': pluginText('good', '^1.0.0').replace('2.0.0', '3.0.0'),
        'recipe.json': { plugins: ['./mine.mjs'] },
      });
      const { code, io } = await haste(['plugins', '--recipe', 'recipe.json'], {}, cwd);
      expect(code).toBe(0);
      expect(io.out.lines).toContain('good 3.0.0  (recipe: mine.mjs)');
      expect(io.out.text).not.toContain('good 2.0.0');
    });
  });
});

describe('haste schema', () => {
  it('prints the schema, or writes it to a file', async () => {
    const { io } = await haste(['schema']);
    const schema = JSON.parse(io.out.text) as { properties: Record<string, unknown> };
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(['student', 'alignment', 'sampling']));
    const cwd = await mkdtemp(join(tmpdir(), 'haste-schema-'));
    try {
      const { io: second } = await haste(['schema', '--out', 's.json'], { builtins: [fakePlugin] }, cwd);
      expect(second.out.lines).toEqual(['wrote s.json']);
      expect(await readFile(join(cwd, 's.json'), 'utf8')).toBe(io.out.text);
      const { code, io: third } = await haste(['schema', '--out', 'absent/s.json'], {}, cwd);
      expect(code).toBe(4);
      expect(third.err.text).toContain('absent/s.json');
    } finally {
      await rm(cwd, { recursive: true });
    }
  });
});
