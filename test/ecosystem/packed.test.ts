// Somebody else's plugin in somebody else's project: our packages come from tarballs, the plugin is built outside the
// repository, and trains the same run to the last digit however it is written, built and loaded.
import { cp, mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Ended, type PackedProject, packedProject, run, succeed } from '#support/packed-project.js';
import { HasteProcess } from '#support/haste.js';
import { HOSTILE_MODULES } from './hostile-modules.js';
import { undeclaredImports } from './declared-imports.js';

// A run of four steps takes a second or two; a machine that does much besides takes longer.
jest.setTimeout(120_000);

let project: PackedProject;
const TSC = require.resolve('typescript7/package.json').replace('package.json', 'bin/tsc');
const tsc = (...args: string[]): Promise<Ended> => run([process.execPath, TSC, ...args], project.folder);
const haste = (...args: string[]): Promise<Ended> =>
  run([project.path('node_modules/.bin/haste'), ...args], project.folder);
const text = (...names: string[]): Promise<string> => readFile(project.path(...names), 'utf8');

/** What a run logged: every number of it. */
const logOf = (dir: string): Promise<string> => text('runs', dir, 'metrics.jsonl');
/** Trains a recipe, which must succeed. */
async function trained(recipe: string, dir: string): Promise<string> {
  await succeed([project.path('node_modules/.bin/haste'), 'train', recipe, '--dir', `runs/${dir}`], project.folder);
  return logOf(dir);
}
async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(project.path(name), '..'), { recursive: true });
    await writeFile(project.path(name), content);
  }
}
async function editManifest(change: object): Promise<void> {
  const manifest = JSON.parse(await text('package.json')) as { dependencies: object };
  await write({ 'package.json': JSON.stringify({ ...manifest, ...change }) });
}

let reference: string;
beforeAll(async () => {
  project = await packedProject({ '@types/node': '^20.19.0' });
  await cp(join(__dirname, 'project'), project.folder, { recursive: true });
  await cp(join(__dirname, 'acme'), project.path('plugins/acme'), { recursive: true });
  await mkdir(project.path('node_modules/@acme'));
  await symlink(project.path('plugins/acme'), project.path('node_modules/@acme/haste-edges'));
  await succeed([process.execPath, TSC, '-p', 'plugins/acme'], project.folder);
  reference = await trained('recipe.ts', 'module');
}, 400_000);
afterAll(() => project?.remove());

it('packs packages that declare all that they import', async () => {
  const scope = project.path('node_modules/@hastejs');
  const names = (await readdir(scope)).sort();
  const undeclared = await Promise.all(names.map(async (name) => [name, await undeclaredImports(join(scope, name))]));
  expect(undeclared.filter(([, imports]) => imports!.length > 0)).toEqual([]);
  expect(names).toEqual(expect.arrayContaining(['haste', 'plugin-api', 'tensor', 'testkit', 'create-plugin']));
});

it('trains with a plugin that a TypeScript recipe imports, until its trigger stops alignment', async () => {
  const report = JSON.parse(await text('runs/module/report.json')) as object;
  expect(report).toMatchObject({
    status: 'finished',
    phaseChange: { reason: 'align/edges has not come down for 2 steps' },
  });
  const values = reference
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, number>);
  expect(values).toHaveLength(4);
  expect(values.every(({ 'align/edges': edges }) => edges! > 0)).toBe(true);
});

describe('CommonJS', () => {
  it('requires our packages and the plugin in a program, and trains the same run', async () => {
    expect((await run([process.execPath, 'train.cjs'], project.folder)).text).toContain('finished 4');
    expect(await logOf('program')).toBe(reference);
  });

  it('is what a recipe may be written in', async () => {
    expect(await trained('recipe.cjs', 'commonjs')).toBe(reference);
  });
});

describe('TypeScript', () => {
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--types', 'node'];
  it.each([
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])('checks the recipe with module %s and resolution %s', async (module, resolution) => {
    const how = [...options, '--module', module, '--moduleResolution', resolution];
    expect(await tsc(...how, 'recipe.ts')).toEqual({ code: 0, text: '' });
    const { text: faults } = await tsc(...how, 'wrong.ts');
    const lines = faults.split('\n').filter((line) => line.startsWith('wrong.ts'));
    expect(lines).toEqual([
      expect.stringMatching(/^wrong\.ts\(5,33\): .*'gian' does not exist/),
      expect.stringMatching(/^wrong\.ts\(6,32\): .*'term' is missing/),
      expect.stringMatching(/^wrong\.ts\(7,14\): .*'Ref<"targetLayers">' is not assignable to type 'Ref<"teacher">'/),
    ]);
  });
});

describe('bundled by esbuild, which emits no decorator metadata', () => {
  const esbuild = (outfile: string, ...flags: string[]) =>
    succeed(
      [
        ...([project.path('node_modules/.bin/esbuild'), 'plugins/acme/src/index.ts', '--bundle'] as const),
        ...['--platform=node', '--target=node20', `--outfile=${outfile}`, '--log-level=error', ...flags],
      ],
      project.folder,
    );
  /** The YAML recipe with the bundle for a plugin. */
  async function recipeWith(plugin: string, change: (yaml: string) => string = (yaml) => yaml): Promise<string> {
    await write({ [`${plugin}.yaml`]: `plugins: [./${plugin}]\n${change(await text('recipe.yaml'))}` });
    return `${plugin}.yaml`;
  }
  const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

  it('injects into a class all the same', async () => {
    await esbuild('bundled.mjs', '--format=esm', '--packages=external');
    const code = await text('bundled.mjs');
    expect(code).not.toContain('design:paramtypes');
    expect(code).toContain('from "@hastejs/plugin-api"');
    expect(await trained(await recipeWith('bundled.mjs'), 'bundled')).toBe(reference);
  });

  it('works as CommonJS that was a module', async () => {
    await esbuild('bundled.cjs', '--format=cjs', '--packages=external');
    expect(await text('bundled.cjs')).toContain('__esModule');
    expect(await trained(await recipeWith('bundled.cjs'), 'bundled-cjs')).toBe(reference);
  });

  describe('with a copy of the plugin API, of tensor, of zod and of TensorFlow.js inside', () => {
    beforeAll(() => esbuild('swallowed.mjs', '--format=esm', `--banner:js=${REQUIRE}`));

    it('trains the same run: tensors, tokens and schemas of the other copy are understood', async () => {
      expect(await text('swallowed.mjs')).not.toContain('"@hastejs/');
      expect(await trained(await recipeWith('swallowed.mjs'), 'swallowed')).toBe(reference);
    });

    it('throws errors that are known for what they are', async () => {
      const misnamed = (yaml: string) => yaml.replace('term: edges', 'term: align/edges');
      const { code, text: said } = await haste(
        'train',
        await recipeWith('swallowed.mjs', misnamed),
        '--dir',
        'runs/misnamed',
      );
      expect(said).toContain(
        [
          'error "align/edges" is the name of a logged value, not of a term. [EXTENSION_OPTIONS]',
          '  where: trigger/patient, term',
          '  fix:   Name the term as the recipe does: edges.',
        ].join('\n'),
      );
      expect(code).toBe(3);
    });
  });
});

it('trains the same run with a copy of the plugin API of another version, and says what to do about it', async () => {
  const nested = project.path('plugins/acme/node_modules/@hastejs');
  await cp(project.path('node_modules/@hastejs/plugin-api'), join(nested, 'plugin-api'), { recursive: true });
  const file = join(nested, 'plugin-api/dist/plugin.js');
  const code = await readFile(file, 'utf8');
  const older = code.replace(/PLUGIN_API_VERSION = '[\d.]+'/, "PLUGIN_API_VERSION = '1.0.0'");
  expect(older).not.toBe(code);
  await writeFile(file, older);
  const { text: said } = await haste('train', 'recipe.ts', '--dir', 'runs/copy');
  await rm(nested, { recursive: true });
  expect(said).toMatch(
    /warning @acme\/haste-edges 2\.3\.4 brings a copy of the plugin API of its own \(1\.0\.0; Haste's is 1\.\d+\.\d+\)\. It works, /,
  );
  expect(await logOf('copy')).toBe(reference);
});

describe('discovery', () => {
  it('does not load a plugin that is only installed, and says how to', async () => {
    await editManifest({ dependencies: { '@acme/haste-edges': '*' } });
    const { code, text: said } = await haste('plugins');
    expect(code).toBe(0);
    expect(said).toContain('installed, but not loaded\n  @acme/haste-edges 2.3.4\n');
    expect(said).not.toContain('teacher/edges');
    const refused = await haste('train', 'recipe.yaml', '--dir', 'runs/refused');
    expect(refused.code).toBe(3);
    expect(refused.text).toContain('alignment.teacher: there is no teacher "teacher/edges"');
    expect(refused.text).toContain(
      'note @acme/haste-edges is installed here, but not loaded: `haste plugins` says how to load it.',
    );
  });

  it('loads it where the project opts in, and tells where it is from, with options', async () => {
    await editManifest({ dependencies: { '@acme/haste-edges': '*' }, haste: { plugins: 'dependencies' } });
    const listed = await haste('plugins');
    expect(listed.text.split('\n')[0]).toBe('@acme/haste-edges 2.3.4  (project: plugins/acme/dist/index.js)');
    const described = await haste('plugins', 'teacher/edges');
    expect(described.text).toBe(
      [
        'teacher/edges  (teacher, @acme/haste-edges 2.3.4)',
        '  Patches without their mean brightness.',
        '  option  type        default',
        '  gain    number > 0  1        Factor on every token',
        '',
        '',
      ].join('\n'),
    );
    expect(await trained('recipe.yaml', 'discovered')).toBe(reference);
    const recipe = await haste('plugins', '--recipe', 'recipe.ts');
    expect(recipe.text.split('\n')[0]).toBe('@acme/haste-edges 2.3.4  (recipe: plugins/acme/dist/index.js)');
  });
});

describe('plugins that misbehave before a run begins', () => {
  /** The YAML recipe with plugins, and with another teacher. */
  async function recipeOf(plugins: readonly string[], teacherId = 'teacher/edges'): Promise<string> {
    const yaml = (await text('recipe.yaml')).replace(/teacher: \{.*\}/, `teacher: ${teacherId}`);
    await write({ 'hostile.yaml': `plugins: [${plugins.map((name) => `./hostile/${name}`).join(', ')}]\n${yaml}` });
    return 'hostile.yaml';
  }
  beforeAll(() =>
    write(Object.fromEntries(Object.entries(HOSTILE_MODULES).map(([name, code]) => [`hostile/${name}`, code]))),
  );
  const at = (name: string): string => project.path('hostile', name);
  /** The project's own `haste`, to be looked at while it runs. */
  const start = (args: readonly string[], env: Readonly<Record<string, string>>) =>
    new HasteProcess(args, {
      cwd: project.folder,
      env: { ...env, NO_COLOR: '1' },
      wrap: ([node, _ours, ...rest]) => [node!, project.path('node_modules/@hastejs/cli/bin/haste.js'), ...rest],
    });

  it('are refused each with its reason, and the sound ones are listed', async () => {
    const names = ['throws.mjs', 'needs.mjs', 'newer.mjs', 'loose.mjs', 'one.mjs', 'other.mjs', 'one-again.mjs'];
    const { code, text: said } = await haste('plugins', '--recipe', await recipeOf(names));
    expect(code).toBe(3);
    const lines = said.split('\n');
    expect(lines).toContain('@evil/one 1.0.0  (recipe: hostile/one.mjs)');
    expect(lines).toContain('  teacher  teacher/same  Misbehaves.');
    expect(lines.slice(lines.indexOf('refused') + 1)).toEqual([
      `  ${at('throws.mjs')}  (recipe: hostile/throws.mjs)`,
      '    threw while it was imported: no licence [PLUGIN_UNREADABLE]',
      `  ${at('needs.mjs')}  (recipe: hostile/needs.mjs)`,
      '    could not be imported, since it needs a-package-that-is-not-there, which is not installed; npm install a-package-that-is-not-there [PLUGIN_UNREADABLE]',
      '  @evil/newer 1.0.0  (recipe: hostile/newer.mjs)',
      expect.stringMatching(
        /^ {4}is written for plugin API \^9\.0\.0, and this is 1\.\d+\.\d+; install a version of the plugin for 1\.\d+\.\d+, or the Haste it was written for \[PLUGIN_INCOMPATIBLE\]$/,
      ),
      '  @evil/loose 1.0.0  (recipe: hostile/loose.mjs)',
      '    teacher/loose: options: unknown keys would pass unnoticed; use z.strictObject there [PLUGIN_INVALID]',
      '  @evil/other 1.0.0  (recipe: hostile/other.mjs)',
      '    defines the teacher "teacher/same", which @evil/one defines already; leave one of them out [PLUGIN_DUPLICATE]',
      '  @evil/one 1.0.0  (recipe: hostile/one-again.mjs)',
      `    is loaded twice, version 1.0.0 from ${at('one.mjs')} (recipe) and version 1.0.0 from ${at('one-again.mjs')} (recipe); keep one [PLUGIN_DUPLICATE]`,
      '',
      '',
    ]);
  });

  it('that throw while a recipe imports them are named by their file', async () => {
    await write({ 'node_modules/evil/package.json': '{ "name": "evil", "type": "module", "main": "index.js" }' });
    await write({ 'node_modules/evil/index.js': HOSTILE_MODULES['throws.mjs']! });
    await write({ 'imports.ts': "import evil from 'evil';\nexport default evil;\n" });
    const { code, text: said } = await haste('train', 'imports.ts');
    expect(code).toBe(3);
    const thrower = `${project.path('node_modules/evil/index.js')}:2:7`;
    expect(said).toContain('error The recipe cannot be loaded: no licence [RECIPE_UNREADABLE]');
    expect(said).toContain(`where: ${thrower}, imported by ${project.path('imports.ts')}`);
  });

  it('that never finish being imported are named, and given up', async () => {
    const waiting = { HASTE_PATIENCE: '0.2', HASTE_TIME_LIMIT: '2' };
    const waiter = start(['plugins', '--recipe', await recipeOf(['waits.mjs'])], waiting);
    await waiter.until(({ stdout }) => stdout.includes('[PLUGIN_UNREADABLE]'));
    // What it opened keeps the process alive.
    waiter.child.kill('SIGKILL');
    expect(waiter.stderr).toContain(
      `warning ${at('waits.mjs')} is still being imported after 0.2 s; it is given up after 2 s.`,
    );
    expect(waiter.stdout).toContain('did not answer import() within 2 s.');
  });

  it('that wait for what can never come end with a word', async () => {
    await write({ 'nothing.ts': "import nothing from './hostile/waits-for-nothing.mjs';\nexport default nothing;\n" });
    const { code, text: said } = await haste('train', 'nothing.ts');
    expect(said).toContain('error Something was waited for that can never come. [INTERNAL]');
    expect(code).toBe(1);
  });

  it('that never finish being created are named, and Ctrl-C ends the waiting', async () => {
    const recipe = await recipeOf(['hangs.mjs'], 'teacher/hangs');
    const hanger = start(['train', recipe, '--dir', 'runs/hangs'], { HASTE_PATIENCE: '0.2' });
    await hanger.until(({ stderr }) => stderr.includes('teacher/hangs (@evil/hangs 1.0.0) is still'));
    hanger.child.kill('SIGINT');
    const { code, stderr } = await hanger.finished;
    expect(code).toBe(130);
    expect(stderr).toContain(
      'warning teacher/hangs (@evil/hangs 1.0.0) is still being created after 0.2 s; it is given up after 3600 s.',
    );
    expect(stderr).toContain(
      'error Interrupted while teacher/hangs (@evil/hangs 1.0.0) had not yet answered create(); no step was taken. [INTERRUPTED]',
    );
  });
});
