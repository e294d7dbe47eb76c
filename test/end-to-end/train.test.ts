import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { HasteProcess, type HasteResult, haste, records } from '#support/haste.js';
import { onScreen } from '#support/capture-io.js';
import { TOY_RECIPE } from '#support/toy-recipe.js';

const json = async (path: string) => JSON.parse(await readFile(path, 'utf8')) as Record<string, never>;

describe('the command, from recipe to samples', () => {
  let cwd: string;
  let trained: HasteResult;
  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'haste-end-to-end-'));
    await writeFile(join(cwd, 'recipe.json'), JSON.stringify(TOY_RECIPE));
    trained = await haste(['train', 'recipe.json'], { cwd });
  });
  afterAll(() => rm(cwd, { recursive: true, force: true }));

  it('ends well and says where everything is', () => {
    expect(trained.stderr).toContain('alignment ends at step 6');
    expect(trained).toMatchObject({ code: 0, signal: null });
    expect(trained.stdout).toMatch(/^done 12 steps on wasm/);
    for (const path of ['runs/toy/samples.png', 'runs/toy/report.json', 'runs/toy/checkpoints/step-00000012']) {
      expect(trained.stdout).toContain(path);
    }
  });

  it('writes plain lines where there is no terminal', () => {
    expect(trained.stdout + trained.stderr).not.toMatch(/[\r\u001B]/);
    expect(trained.stderr).toMatch(/^train 12\/12 \(100%\)/m);
  });

  it('leaves a report with curves, phase change, step times, checkpoints and samples', async () => {
    const report = await json(join(cwd, 'runs/toy/report.json'));
    expect(report).toMatchObject({
      status: 'finished',
      step: 12,
      backend: { name: 'wasm' },
      recipe: { name: 'toy', seed: 1, path: 'linear' },
      phaseChange: { step: 6, reason: expect.stringContaining('step 6') },
      stepSeconds: { aligning: { count: 6 }, free: { count: 6 } },
      samples: join(cwd, 'runs/toy/samples.png'),
    });
    const { losses } = report as unknown as { losses: Record<string, { step: number[]; value: number[] }> };
    expect(losses['loss/denoise']!.step).toHaveLength(12);
    expect(losses['align/feature']!.step).toEqual([1, 2, 3, 4, 5, 6]);
    expect((await readdir(join(cwd, 'runs/toy/checkpoints'))).sort()).toEqual([
      'step-00000006',
      'step-00000008',
      'step-00000012',
    ]);
  });

  it('draws a grid: a labelled row for each of ten classes', async () => {
    const { width, height, channels } = await sharp(join(cwd, 'runs/toy/samples.png')).metadata();
    expect([height, channels]).toEqual([10 * 60 + 4, 1]);
    expect(width).toBeGreaterThan(2 * 60 + 4);
  });

  it('samples again, the same for the same seed', async () => {
    const draw = (out: string, seed: string) => {
      const flags = ['--classes', 'Bag,9', '--per-class', '1', '--sampler', 'heun', '--steps', '2', '--guidance', '2'];
      return haste(['sample', 'runs/toy', ...flags, '--seed', seed, '--out', out], { cwd });
    };
    expect(await draw('a', '7')).toMatchObject({ code: 0 });
    expect(await draw('b', '7')).toMatchObject({ code: 0 });
    expect(await draw('c', '8')).toMatchObject({ code: 0 });
    expect((await readdir(join(cwd, 'a'))).sort()).toEqual(['8-bag-000.png', '9-ankle-boot-000.png', 'samples.png']);
    const image = (out: string) => readFile(join(cwd, out, '8-bag-000.png'));
    expect(await image('a')).toEqual(await image('b'));
    expect(await image('a')).not.toEqual(await image('c'));
  });

  it('refuses to train over a run, and does with --fresh', async () => {
    const before = await readFile(join(cwd, 'runs/toy/report.json'));
    const refused = await haste(['train', 'recipe.json'], { cwd });
    expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining('[RUN_FOLDER]') });
    expect(await readFile(join(cwd, 'runs/toy/report.json'))).toEqual(before);
    const again = await haste(['train', 'recipe.json', '--fresh', '--json'], { cwd });
    expect(again).toMatchObject({ code: 0, stderr: '' });
    const events = records(again.stdout).map(({ event }) => event);
    expect(events.filter((event) => event === 'step:completed')).toHaveLength(12);
    expect(events.at(-1)).toBe('report');
  });

  // `script` gives a command a pseudo-terminal; it is part of util-linux and of macOS, but not of every image.
  it('redraws one line on a terminal', async () => {
    const wrap = (command: readonly string[]) => ['script', '-qec', command.join(' '), '/dev/null'];
    const shown = await new HasteProcess(['sample', 'runs/toy', '--out', 'd'], { cwd, wrap, env: { TERM: 'xterm' } })
      .finished;
    expect(shown.code).toBe(0);
    const bar = onScreen(shown.stdout.replaceAll('\r\n', '\n')).find((line) => line.startsWith('sample'));
    expect(bar).toMatch(/^sample █+ 4\/4/);
    expect(shown.stdout).toContain('\u001B[32mdone');
  });
});
