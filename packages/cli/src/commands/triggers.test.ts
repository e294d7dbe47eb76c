import { EventEmitter } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HasteError } from '@hastejs/plugin-api';
import type { SweepOptions, TrainOptions } from '@hastejs/trainer';
import { captureIo } from '#support/capture-io.js';
import { DATA_SPEC, FAKE_RECIPE, fakeEngine, fakeReport } from '#support/fake-engine.js';
import { main } from '../main.js';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'haste-triggers-'));
  await writeFile(join(cwd, 'recipe.json'), JSON.stringify(FAKE_RECIPE));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

async function haste(argv: string[], engine: object) {
  const io = captureIo({ cwd, env: { NO_COLOR: '1' } });
  const code = await main(argv, {
    io,
    signals: new EventEmitter(),
    engine: async () => fakeEngine(engine),
    version: '0',
  });
  return { code, out: io.out.lines, err: io.err.text };
}

describe('haste fork', () => {
  const place = () => join(cwd, 'runs/base/checkpoints/step-00000007');
  /** A run whose recipe has no alignment in the fake: what it is forked to is what `withUntil` was asked for. */
  async function fork(...argv: string[]) {
    const trained: TrainOptions[] = [];
    const untils: unknown[] = [];
    const runFile = { step: 7, recipe: { ...FAKE_RECIPE, plugins: [] }, baseDir: cwd, recipeFile: null };
    const run = await haste(['fork', ...argv], {
      chooseCheckpoint: async () => ({ folder: join(cwd, 'runs/base'), path: place(), runFile }),
      withUntil: (recipe: object, until: unknown) => (untils.push(until), recipe),
      train: async (options: TrainOptions) => (trained.push(options), fakeReport({ status: 'interrupted' })),
    });
    return { ...run, until: untils[0], asked: trained[0] };
  }

  it('lets go at the checkpoint, in a folder beside the run', async () => {
    const { until, asked } = await fork('runs/base');
    expect(until).toEqual({ kind: 'trigger', id: 'trigger/fixed', with: { step: 7 } });
    expect(asked).toMatchObject({ fork: place(), folder: join(cwd, 'runs/base-until-7') });
    expect(asked).not.toHaveProperty('fresh');
  });

  it.each([
    ['300', { kind: 'trigger', id: 'trigger/fixed', with: { step: 300 } }, 'base-until-300'],
    ['never', null, 'base-until-never'],
    ['trigger/plateau', 'trigger/plateau', 'base-fork-7'],
    ['{ id: trigger/x, with: { n: 1 } }', { id: 'trigger/x', with: { n: 1 } }, 'base-fork-7'],
    ['{"id":"trigger/x"}', { id: 'trigger/x' }, 'base-fork-7'],
  ])('reads --until %s', async (text, expected, name) => {
    const { until, asked } = await fork('runs/base', '--until', text);
    expect(until).toEqual(expected);
    expect(asked?.folder).toBe(join(cwd, 'runs', name));
  });

  it.each(['soon', '{ step: 3 }', '{ id: ', '3.5'])('refuses --until %s', async (text) => {
    const { code, err, asked } = await fork('runs/base', '--until', text);
    expect([code, asked]).toEqual([2, undefined]);
    expect(err).toContain('does not say when alignment ends');
  });
});

describe('haste sweep', () => {
  const row = { folder: '/s/stop-1', steps: 3, metrics: { 'metric/fid': 12.5, 'metric/fid/error': 1 } };
  const seconds = { aligning: { median: 0.5, count: 1 }, free: { median: 0.25, count: 1 } };
  const report = {
    status: 'finished',
    folder: '/s',
    rows: [
      { ...row, stop: 1, status: 'finished', denoise: 0.25, stepSeconds: seconds },
      { ...row, stop: 'never', status: 'finished', denoise: 0.5, metrics: {}, stepSeconds: { ...seconds, free: null } },
    ],
    steps: { trained: 7, alone: 8 },
  };

  it('runs the study and shows its table', async () => {
    const asked: SweepOptions[] = [];
    const sweep = async (options: SweepOptions) => (asked.push(options), report);
    const { code, out } = await haste(['sweep', 'recipe.json', '--stops', '1, never'], { sweep });
    expect(code).toBe(0);
    expect(asked[0]).toMatchObject({ stops: [1, 'never'], folder: join(cwd, 'sweeps/fake') });
    expect(out).toEqual([
      '  stop   denoise  metric/fid  s/step aligning  s/step free  steps  run',
      '  1      0.2500   12.50       0.5000           0.2500       3      /s/stop-1',
      '  never  0.5000   –           0.5000           –            3      /s/stop-1',
      '  7 steps for what one by one takes 8; all numbers in /s/sweep.json',
    ]);
  });

  it('says that it was interrupted, and refuses stops that are none', async () => {
    const interrupted = { ...report, status: 'interrupted', rows: [{ ...report.rows[0], status: 'waiting' }] };
    const run = await haste(['sweep', 'recipe.json', '--stops', '1'], { sweep: async () => interrupted });
    expect(run.code).toBe(130);
    expect(run.out[1]).toMatch(/^ {2}1 +waiting/);
    const wrong = await haste(['sweep', 'recipe.json', '--stops', '1,soon'], { sweep: async () => report });
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain('"soon" is not a stopping point');
  });
});

describe('haste triggers replay', () => {
  const record = () => ({ folder: cwd, baseDir: cwd, recipeFile: null, recipe: { plugins: [] }, data: DATA_SPEC });
  const log = { steps: new Map([[1, { 'align/a': 1 }]]), last: 4, aligned: 3, complete: false };
  const replayRun = async (_host: unknown, _record: unknown, _log: unknown, until: unknown) => ({
    until: until === null ? null : { kind: 'trigger', id: until ?? 'trigger/own', with: {} },
    fired: until === null ? null : { step: 2, reason: 'enough' },
    factors: [],
    watches: ['align/a', 'metric/b'],
    unmeasured: ['metric/b'],
    asked: 3,
  });
  const replay = (...argv: string[]) =>
    haste(['triggers', 'replay', '.', ...argv], {
      readRunRecord: async () => record(),
      readRunLog: async () => log,
      replayRun,
    });

  it("asks the run's own trigger, draws the plot, and says what the log lacks", async () => {
    const { code, out, err } = await replay();
    expect(code).toBe(0);
    expect(out).toEqual(['.: 4 steps logged, 3 of them aligned', '  own  step 2: enough', '  plot  triggers.svg']);
    expect(err).toContain('the log lacks steps');
    expect(err).toContain('did not measure metric/b');
    expect(await readFile(join(cwd, 'triggers.svg'), 'utf8')).toContain('own: step 2');
  });

  it('tells a trigger that does not fit as the flag, not as the recipe', async () => {
    const fault = new HasteError('RECIPE_INVALID', {
      what: 'The recipe has a fault.',
      where: 'alignment.until.with: unknown key metrik',
    });
    const engine = {
      readRunRecord: async () => record(),
      readRunLog: async () => log,
      replayRun: async () => Promise.reject(fault),
    };
    const { err } = await haste(['triggers', 'replay', '.', '--until', '{ id: trigger/plateau }'], engine);
    expect(err).toContain('The trigger does not fit.');
    expect(err).toContain('where: --until.with: unknown key metrik');
    const own = await haste(['triggers', 'replay', '.'], engine);
    expect(own.err).toContain('where: alignment.until.with: unknown key metrik');
  });

  it('asks as many as it is given, for people and machines', async () => {
    const { out } = await replay('--until', 'never', '--until', 'trigger/x', '--out', 'p.svg', '--json');
    const records = out.map((line) => JSON.parse(line) as { event: string });
    expect(records.filter(({ event }) => event === 'replay')).toEqual([
      expect.objectContaining({ steps: 4, aligned: 3, complete: false, plot: join(cwd, 'p.svg') }),
    ]);
    const { triggers } = records.find(({ event }) => event === 'replay') as unknown as {
      triggers: { until: { id: string } | null }[];
    };
    expect(triggers.map(({ until }) => until?.id ?? null)).toEqual([null, 'trigger/x']);
    expect((await replay('--until', 'never')).out[1]).toBe('  never  not by step 3, where the run stopped aligning');
  });
});
