// The whole command on students of a few thousand parameters.
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { importInNode } from '#support/node-import.js';
import { temporaryFolder } from '#support/toy-run.js';

const RUN = join(__dirname, 'run.mjs');
const folder = temporaryFolder();
const TOY = ['--setting', 'toy', '--arms', 'none,both,both+stop', '--seeds', '0', '--backend', 'wasm'];
const command = (where: string, ...more: string[]) => [RUN, 'effect', ...TOY, '--folder', folder.path(where), ...more];

async function effect(where: string, ...more: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const run = promisify(execFile)(process.execPath, command(where, ...more));
  return run.then((output) => ({ code: 0, ...output })).catch((error) => error);
}

const load = <T>(name: string) => importInNode(pathToFileURL(join(__dirname, 'effect', name)).href) as Promise<T>;
const readJson = async (...names: string[]) => JSON.parse(await readFile(folder.path(...names), 'utf8'));

describe('bench effect', () => {
  it('is interrupted, goes on, shares phase I, and refuses what it cannot compare', async () => {
    // Cut once the first run has begun: two more are to come.
    const child = spawn(process.execPath, command('study'), { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.on('close', resolve));
    while (!existsSync(folder.path('study', 'none-seed-0', 'effect.json'))) await setTimeout(20);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(existsSync(folder.path('study', 'report.json'))).toBe(false);

    const { code, stderr } = await effect('study');
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    const { summary, scoring } = await readJson('study', 'report.json');
    const rows = Object.fromEntries(summary.rows.map((row: { arm: string }) => [row.arm, row]));
    expect(Object.keys(rows)).toEqual(['none', 'both', 'both+stop']);
    expect(rows.none.reached.mean).toBe(8);
    expect(scoring).toMatchObject({ along: 20, samples: 40, reference: { images: 2000 } });

    // both+stop begins with what both measured, from its checkpoint, and trained only what is its own.
    const curve = (arm: string) => rows[arm].curve.map(({ frechet }: { frechet: { mean: number } }) => frechet.mean);
    expect(curve('both+stop').slice(0, 2)).toEqual(curve('both').slice(0, 2));
    expect(curve('both+stop')[3]).not.toBe(curve('both')[3]);
    expect((await readJson('study', 'both-stop-seed-0', 'report.json')).forkedFrom.step).toBe(4);
    expect(await readdir(folder.path('study', 'both-seed-0', 'checkpoints'))).toEqual([
      'step-00000004',
      'step-00000008',
    ]);
    const words = await readFile(folder.path('study', 'report.md'), 'utf8');
    expect(words).toContain('| both+stop |');
    expect(words).toMatch(/ of 10,000 images; .* against 2,000 test images\.$/m);

    // What is whole is left alone; what is missing comes again, and is the same.
    const scores = await readJson('study', 'none-seed-0', 'scores.json');
    const kept = await readFile(folder.path('study', 'both-seed-0', 'effect.json'), 'utf8');
    await rm(folder.path('study', 'none-seed-0'), { recursive: true });
    expect((await effect('study')).code).toBe(0);
    expect(await readJson('study', 'none-seed-0', 'scores.json')).toEqual(scores);
    expect(await readFile(folder.path('study', 'both-seed-0', 'effect.json'), 'utf8')).toBe(kept);

    // The page keeps what it says around the result, also when it is written again.
    const docs = folder.path('docs');
    await mkdir(join(docs, 'images'), { recursive: true });
    await writeFile(
      join(docs, 'results.md'),
      'before\n\n<!-- effect: begin -->\n\nformer numbers\n\n<!-- effect: end -->\n\nafter\n\n<!-- effect-2: begin --><!-- effect-2: end -->\n',
    );
    const result = await readJson('study', 'report.json');
    const { writeDocs } = await load<{ writeDocs: (...all: unknown[]) => Promise<void> }>('report.mjs');
    for (const place of ['effect', 'effect-2', 'effect'])
      await writeDocs(result, { folder: folder.path('study'), place }, docs);
    const page = await readFile(join(docs, 'results.md'), 'utf8');
    expect(page).toMatch(
      /^before\n\n<!-- effect: begin -->\n\n```sh\n[^]*images\/effect.svg[^]*<!-- effect: end -->\n\nafter\n\n<!-- effect-2: begin -->\n\n```sh\n[^]*images\/effect-2.svg[^]*<!-- effect-2: end -->\n$/,
    );
    expect(page).not.toContain('former numbers');
    for (const place of ['effect', 'effect-2']) {
      expect(await readFile(join(docs, `images/${place}.svg`), 'utf8')).toMatch(/^<svg [^]*both\+stop[^]*<\/svg>\n$/);
    }
    await expect(writeDocs(result, { folder: folder.path('study'), place: 'effect-3' }, docs)).rejects.toThrow(
      'has no place for the result: <!-- effect-3: begin -->',
    );

    // A fork of another seed's run.
    const forked = await readJson('study', 'both-stop-seed-0', 'report.json');
    const elsewhere = { ...forked, forkedFrom: { step: 4, path: forked.forkedFrom.path.replace('seed-0', 'seed-1') } };
    await writeFile(folder.path('study', 'both-stop-seed-0', 'report.json'), JSON.stringify(elsewhere));
    expect((await effect('study', '--report-only')).stderr).toContain(
      'begins from both-seed-1/checkpoints/step-00000004',
    );
    await writeFile(folder.path('study', 'both-stop-seed-0', 'report.json'), JSON.stringify(forked));

    // One arm at another batch size, as happened to the prototype.
    const record = await readJson('study', 'none-seed-0', 'effect.json');
    record.was.recipe.batchSize = 8;
    await writeFile(folder.path('study', 'none-seed-0', 'effect.json'), JSON.stringify(record));
    const refused = await effect('study', '--report-only');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/differ in recipe.batchSize.\n {2}none, seed 0: 8\n {2}both, seed 0: 4/);
  }, 180_000);

  it('says what there is when asked for what there is not', async () => {
    const refused = async (...more: string[]) => (await effect('none', ...more)).stderr;
    expect(await refused('--arms', 'all')).toContain("There is no arm 'all'.");
    expect(await refused('--arms', 'both+stop')).toContain('forked from both');
    expect(await refused('--place', 'elsewhere')).toContain("a name that begins with effect-, not 'elsewhere'");
    expect(await refused('--stop', '8')).toContain('--stop 8 is not within 8 steps');
    expect(await refused('--report-only')).toContain('none, seed 0 is not whole yet');
  });
});

describe('the comparison', () => {
  type Any = never;
  let refuseMixed: (records: Any) => void;
  let stepsToReach: (curve: Any, target: number) => number | null;
  let summarise: (
    runs: Any,
    steps: number,
  ) => { rows: { ahead: object[] }[]; stopping: { differences: number[] } | null };
  beforeAll(async () => {
    ({ refuseMixed } = await load<Any>('identity.mjs'));
    ({ stepsToReach, summarise } = await load<Any>('summary.mjs'));
  });

  const term = { loss: 'cosine', weight: 0.5 };
  const record = (arm: string, seed: number, change: object = {}, recipe: object = {}) => ({
    ...{ arm, seed },
    was: {
      ...{ code: 'c', backend: { name: 'torch', device: '2 threads' } },
      recipe: {
        name: `${arm}-${seed}`,
        seed,
        batchSize: 16,
        steps: 9,
        alignment: arm === 'none' ? null : aligned(),
        ...recipe,
      },
      ...change,
    },
  });
  const aligned = (change: object = {}) => ({ teacher: 't', terms: { feature: { ...term, ...change } } });

  it('takes arms that differ in their alignment, and seeds', () => {
    const all = [record('none', 0), record('feature', 0), record('none', 1), record('feature', 1)];
    expect(() => refuseMixed(all as Any)).not.toThrow();
  });

  it.each([
    ['code', record('feature', 0, { code: 'd' })],
    ['backend.device', record('feature', 0, { backend: { name: 'torch', device: '1 thread' } })],
    ['recipe.steps', record('feature', 0, {}, { steps: 10 })],
    ['recipe.optimizer', record('feature', 0, {}, { optimizer: { id: 'optimizer/adamw' } })],
  ])('refuses another %s', (where, other) => {
    expect(() => refuseMixed([record('none', 0), other] as Any)).toThrow(`differ in ${where}.`);
  });

  it('refuses a term that is another in another arm or seed, and arms of other seeds', () => {
    const heavier = { alignment: aligned({ weight: 1 }) };
    const both = record('both', 0, {}, heavier);
    expect(() => refuseMixed([record('feature', 0), both] as Any)).toThrow('differ in alignment.feature.term.weight.');
    const second = record('feature', 1, {}, heavier);
    expect(() => refuseMixed([record('feature', 0), second] as Any)).toThrow('recipe.alignment.terms.feature.weight');
    const seeds = [record('none', 0), record('none', 1), record('feature', 0)];
    expect(() => refuseMixed(seeds as Any)).toThrow('none has seeds 0, 1, and feature has 0');
  });

  it('finds the step at which a curve reaches a score, between those that were scored', () => {
    const curve = [...[100, 80, 50, 60, 40].entries()].map(([i, score]) => [1000 * (i + 1), score]);
    expect(stepsToReach(curve as Any, 65)).toBe(2500);
    expect(stepsToReach(curve as Any, 100)).toBe(1000);
    expect(stepsToReach(curve as Any, 39)).toBeNull();
  });

  it('takes ratios and differences seed by seed', () => {
    const run = (arm: string, seed: number, scores: number[]) => ({
      ...{
        arm,
        seed,
        stepSeconds: { aligning: null, free: { median: 0.02 } },
        sessions: [{ peakBytes: 2 ** 20 * seed }],
      },
      along: scores.map((frechet, i) => [100 * (i + 1), { frechet, accuracy: 0.5 }]),
      final: { frechet: scores.at(-1), accuracy: 0.5 },
    });
    const runs = [
      ...[run('none', 1, [90, 60, 40, 20]), run('none', 2, [80, 50, 30, 30])],
      ...[run('both', 1, [40, 20, 9, 8]), run('both', 2, [30, 20, 19, 18])],
      ...[run('both+stop', 1, [40, 20, 8, 7]), run('both+stop', 2, [30, 20, 18, 20])],
    ];
    const { rows, stopping } = summarise(runs as Any, 400);
    expect(rows[1]).toMatchObject({ reached: { mean: 150, min: 100, max: 200 }, ratio: { mean: 3, min: 2, max: 4 } });
    expect(rows[1]!.ahead[2]).toEqual({ step: 300, ratio: { mean: 3, min: 3, max: 3 } });
    expect(rows[0]).toMatchObject({ ratio: { mean: 1 }, stepMs: { aligning: null, free: 20 }, peakBytes: 2 ** 21 });
    expect(stopping!.differences).toEqual([-1, 2]);
  });
});
