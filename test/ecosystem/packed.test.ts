// Somebody else's plugin in somebody else's project: our packages come from tarballs, the plugin is built outside the
// repository, and trains the same run to the last digit however it is written, built and loaded.
import { cp, mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Ended, type PackedProject, packedProject, run, succeed } from '#support/packed-project.js';
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

describe('discovery', () => {
  it('does not load a plugin that is only installed, and says how to', async () => {
    await editManifest({ dependencies: { '@acme/haste-edges': '*' } });
    const { code, text: said } = await haste('plugins');
    expect(code).toBe(0);
    expect(said).toContain('installed, but not loaded\n  @acme/haste-edges 2.3.4\n');
    expect(said).not.toContain('teacher/edges');
    const refused = await haste('train', 'recipe.yaml', '--dir', 'runs/refused');
    expect(refused.code).toBe(3);
    expect(refused.text).toContain('no loaded plugin defines the teacher "teacher/edges"');
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
