import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BIN, type HasteResult, haste, records } from '#support/haste.js';
import { TOY_RECIPE } from '#support/toy-recipe.js';

const { alignment, student } = TOY_RECIPE;
const change = (fields: object) => ({ ...TOY_RECIPE, ...fields });
const options = (id: string, values: object) => ({ id, with: values });
const layers = (...pair: unknown[]) => {
  const feature = { ...alignment.terms.feature, layers: options('layers/pairs', { pairs: [pair] }) };
  return change({ alignment: { ...alignment, terms: { feature } } });
};
/** 56 pixels are 14×14 or 28×28 tokens or the like, never the student's 4×4. */
const largeTeacher = options('teacher/dino', { ...alignment.teacher.with, imageSize: 56 });

const BAD_RECIPES: [string, unknown, string, RegExp][] = [
  ['an unknown key', change({ stepz: 3 }), 'RECIPE_INVALID', /stepz/],
  ['an unknown option', change({ data: options('data/fashion-mnist', { spit: 1 }) }), 'RECIPE_INVALID', /spit/],
  ['a value out of range', change({ labelDropout: 1.5 }), 'RECIPE_INVALID', /labelDropout/],
  ['an unknown extension', change({ student: 'student/sut' }), 'RECIPE_INVALID', /student\/sit/],
  ['an unknown backend', change({ backend: 'backend/tpu' }), 'RECIPE_INVALID', /backend\/cpu/],
  ['a missing plugin', change({ plugins: ['haste-plugin-absent'] }), 'PLUGIN_UNREADABLE', /npm install/],
  ['a student block that is not there', layers(9, 'final'), 'LAYERS_INVALID', /block 9/],
  ['a teacher block that is not there', layers(0, 99), 'LAYERS_INVALID', /block 99/],
  [
    'token grids that differ',
    change({ alignment: { ...alignment, teacher: largeTeacher } }),
    'TEACHER_MISMATCH',
    /4×4.*\d+×\d+/,
  ],
  [
    'patches that do not tile',
    change({ student: options('student/sit', { ...student.with, patchSize: 5 }) }),
    'TEACHER_MISMATCH',
    /28×28/,
  ],
  [
    'a teacher that is not there',
    change({ alignment: { ...alignment, teacher: options('teacher/dino', { weights: 'absent.safetensors' }) } }),
    'WEIGHTS_UNREADABLE',
    /absent/,
  ],
  [
    'data that is not there',
    change({ data: options('data/image-folder', { dir: './absent' }) }),
    'DATA_MISSING',
    /absent/,
  ],
  ['a recipe that is not JSON', '{ "name": ', 'RECIPE_UNREADABLE', /bad\.json/],
  ['a recipe that is a list', [], 'RECIPE_UNREADABLE', /bad\.json/],
];
const isRoot = process.getuid?.() === 0;

/** Root may write everywhere: its tests of what may not be written ask as another user, who must be able to start the command. */
const NOBODY = 65534;
const asNobody = nobody();
function nobody(): { readonly possible: boolean; readonly unless: string } {
  const possible = !isRoot || spawnSync(process.execPath, [BIN, '--version'], { uid: NOBODY }).status === 0;
  return { possible, unless: possible ? '' : ' (user nobody cannot enter the folder of the repository)' };
}

function mayMount(): boolean {
  const disk = mkdtempSync(join(tmpdir(), 'haste-mount-'));
  try {
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).status !== 0) return false;
    return spawnSync('umount', [disk]).status === 0;
  } finally {
    rmdirSync(disk);
  }
}

/** One clear error: what, where and how to mend it, and no stack. */
function expectOneError({ stderr, stdout, signal }: HasteResult, code: string): void {
  expect(stderr.match(/^error /gm)).toHaveLength(1);
  expect(stderr).toContain(`[${code}]`);
  expect(stderr).toMatch(/^ {2}fix: {3}\S/m);
  expect(stderr).not.toMatch(/^ +at /m);
  expect(stdout).toBe('');
  expect(signal).toBeNull();
}

describe('bad input', () => {
  let cwd: string;
  beforeEach(async () => (cwd = await mkdtemp(join(tmpdir(), 'haste-bad-'))));
  afterEach(() => rm(cwd, { recursive: true, force: true }));

  const write = (name: string, content: unknown) =>
    writeFile(join(cwd, name), typeof content === 'string' ? content : JSON.stringify(content));
  const everything = async () => (await readdir(cwd, { recursive: true })).sort();

  it.each(BAD_RECIPES)('%s: one error, and nothing is left behind', async (_, recipe, code, text) => {
    await write('bad.json', recipe);
    const result = await haste(['train', 'bad.json'], { cwd });
    expectOneError(result, code);
    expect(result.code).toBe(3);
    expect(result.stderr).toMatch(text);
    expect(await everything()).toEqual(['bad.json']);
  });

  it.each<[string, string, RegExp]>([
    ['throws.ts', 'throw new Error("from the recipe");', /from the recipe/],
    ['syntax.ts', 'export default {', /syntax\.ts:1/],
    ['nothing.ts', 'export const recipe = 1;', /default export/],
    ['import.ts', 'import "./absent.js"; export default {};', /absent\.js/],
    ['tabs.yaml', 'name: x\n\tsteps: 1\n', /tabs\.yaml:2|line 2/],
    ['recipe.toml', 'name = "x"', /\.ts, /],
  ])('a recipe file that cannot be read (%s)', async (name, content, text) => {
    await write(name, content);
    const result = await haste(['train', name], { cwd });
    expectOneError(result, 'RECIPE_UNREADABLE');
    expect(result.code).toBe(3);
    expect(result.stderr).toMatch(text);
    expect(await everything()).toEqual([name]);
  });

  it.each<[string[], string, number]>([
    [['train', 'absent.yaml'], 'RECIPE_UNREADABLE', 3],
    [['resume', 'absent'], 'CHECKPOINT_MISSING', 3],
    [['sample', '.'], 'CHECKPOINT_MISSING', 3],
    [['train', 'good.json', '--backend', 'tpu'], 'BACKEND_UNAVAILABLE', 4],
    [['train', 'good.json', '--dir', 'good.json'], 'DISK', 4],
    [['train', 'good.json', '--lr', '1'], 'USAGE', 2],
  ])('%p', async (argv, code, exit) => {
    await write('good.json', TOY_RECIPE);
    const result = await haste(argv, { cwd });
    expectOneError(result, code);
    expect(result.code).toBe(exit);
    expect(await everything()).toEqual(['good.json']);
  });

  (asNobody.possible ? it : it.skip)(`a read-only folder${asNobody.unless}`, async () => {
    await write('good.json', TOY_RECIPE);
    await chmod(cwd, 0o555);
    // Root may write everywhere, so a test run by root asks as nobody.
    const result = await haste(['train', 'good.json'], { cwd, ...(isRoot && { uid: NOBODY }) });
    await chmod(cwd, 0o755);
    expectOneError(result, 'DISK');
    expect(result.code).toBe(4);
    expect(await everything()).toEqual(['good.json']);
  });

  it('a loss that is not finite: the last good checkpoint stays', async () => {
    await write('wild.json', {
      ...TOY_RECIPE,
      optimizer: { id: 'optimizer/adamw', with: { lr: 1e18 } },
      checkpoints: { every: 1 },
    });
    const result = await haste(['train', 'wild.json', '--json'], { cwd });
    expect(result.code).toBe(1);
    expect(records(result.stdout).at(-1)).toMatchObject({ event: 'error', code: 'LOSS_NOT_FINITE' });
    const saved = await readdir(join(cwd, 'runs/toy/checkpoints'));
    expect(saved.length).toBeGreaterThan(0);
    expect(await haste(['sample', `runs/toy/checkpoints/${saved[0]}`, '--classes', '0'], { cwd })).toMatchObject({
      code: 0,
    });
  });

  it('a damaged checkpoint is named, and the newest whole one is offered and goes on', async () => {
    await write('good.json', TOY_RECIPE);
    await haste(['train', 'good.json'], { cwd });
    await truncate(join(cwd, 'runs/toy/checkpoints/step-00000012/ema.safetensors'), 100);
    for (const command of ['resume', 'sample']) {
      const result = await haste([command, 'runs/toy'], { cwd });
      expectOneError(result, 'CHECKPOINT_DAMAGED');
      expect(result.code).toBe(3);
      expect(result.stderr).toMatch(/step-00000012[^]*fix:.*step-00000008/);
    }
    const offered = await haste(['resume', 'runs/toy/checkpoints/step-00000008'], { cwd });
    expect(offered).toMatchObject({ code: 0, stdout: expect.stringMatching(/^done 12 steps/) });
  });

  (mayMount() ? it : it.skip)(
    'a full disk keeps the checkpoints before it (needs the right to mount one)',
    async () => {
      await write('good.json', { ...TOY_RECIPE, checkpoints: { every: 2, keep: 50 }, steps: 40 });
      const disk = join(cwd, 'disk');
      await mkdir(disk);
      expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]).status).toBe(0);
      try {
        const result = await haste(['train', 'good.json', '--dir', 'disk/run'], { cwd });
        expectOneError(result, 'DISK');
        expect(result.code).toBe(4);
        await cp(join(disk, 'run'), join(cwd, 'elsewhere'), { recursive: true });
      } finally {
        spawnSync('umount', [disk]);
      }
      const names = await readdir(join(cwd, 'elsewhere/checkpoints'));
      expect(names.every((name) => /^step-\d+$/.test(name))).toBe(true);
      expect(await haste(['resume', 'elsewhere'], { cwd })).toMatchObject({ code: 0 });
      expect(JSON.parse(await readFile(join(cwd, 'elsewhere/report.json'), 'utf8'))).toMatchObject({ step: 40 });
    },
  );
});
