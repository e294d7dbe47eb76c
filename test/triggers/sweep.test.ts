import { readFile, readdir } from 'node:fs/promises';
import type { Host, RunEvents } from '@hastejs/core';
import { fixed } from '@hastejs/haste';
import { type Arm, type Stop, sweep } from '@hastejs/trainer';
import { planSweep } from '../../packages/trainer/src/sweep/plan.js';
import { tf } from '@hastejs/tensor';
import { tmpdir } from 'node:os';
import { temporaryFolder, toyAlignment, toyHost, toyRecipe, toyTrain } from '#support/toy-run.js';

const folder = temporaryFolder();
let host: Host;
beforeAll(async () => {
  host = await toyHost();
});
afterAll(() => host.close());
afterEach(() => expect(tf.memory().numTensors).toBe(0));

const recipe = (change = {}) => host.resolve(toyRecipe({ alignment: toyAlignment(fixed({ step: 1 })), ...change }));

/** Runs a study and counts the steps that were trained, by arm; `stopAfter` interrupts once that many were. */
async function study(name: string, stops: readonly Stop[], { stopAfter = Infinity, change = {} } = {}) {
  const trained: Record<string, number> = {};
  const abort = new AbortController();
  let total = 0;
  const listen = (arm: Arm, events: RunEvents) =>
    events.on('step:completed', () => {
      trained[arm.name] = (trained[arm.name] ?? 0) + 1;
      if (++total === stopAfter) abort.abort();
    });
  const options = { host, recipe: recipe(change), stops, folder: folder.path(name), baseDir: tmpdir() };
  const report = await sweep({ ...options, signal: abort.signal, listen });
  return { report, trained };
}

it('trains what the arms share once, and tabulates what each came to', async () => {
  const { report, trained } = await study('three', [6, 'never', 3]);
  expect(trained).toEqual({ never: 10, 'stop-6': 4, 'stop-3': 7 });
  expect(report).toMatchObject({ status: 'finished', steps: { trained: 21, alone: 30 } });
  expect(report.rows.map(({ stop, steps }) => [stop, steps])).toEqual([[6, 4], ['never', 10], [3, 7]]); // prettier-ignore
  for (const stop of [3, 6]) {
    const whole = await toyTrain(host, toyRecipe({ alignment: toyAlignment(fixed({ step: stop })) }), {
      folder: folder.path(`whole-${stop}`),
    });
    const row = report.rows.find((one) => one.stop === stop)!;
    expect(row.denoise).toBe(whole.losses.get(10)!['loss/denoise']);
  }
  expect(new Set(report.rows.map(({ denoise }) => denoise)).size).toBe(3);
  expect(JSON.parse(await readFile(folder.path('three', 'sweep.json'), 'utf8'))).toEqual(report);
});

it('needs no trunk beyond its last stop', async () => {
  const { report, trained } = await study('short', [2, 5, 0]);
  expect(trained).toEqual({ trunk: 5, 'stop-2': 8, 'stop-5': 5, 'stop-0': 10 });
  expect((await readdir(folder.path('short'))).sort()).toEqual(['stop-0', 'stop-2', 'stop-5', 'sweep.json', 'trunk']);
  expect(report.steps).toEqual({ trained: 28, alone: 30 });
});

it('goes on where it was interrupted, and repeats nothing that is whole', async () => {
  const first = await study('cut', [4, 'never'], { stopAfter: 13 });
  expect(first.trained).toEqual({ never: 10, 'stop-4': 3 });
  expect(first.report.rows.map(({ status }) => status)).toEqual(['interrupted', 'finished']);
  const second = await study('cut', [4, 'never']);
  expect(second.trained).toEqual({ 'stop-4': 3 });
  const whole = await study('uncut', [4, 'never']);
  expect(second.report.rows.map(({ denoise }) => denoise)).toEqual(whole.report.rows.map(({ denoise }) => denoise));
  expect((await study('cut', [4, 'never'])).trained).toEqual({});
});

it('refuses a folder with runs of another recipe, and stops that are none', async () => {
  await expect(study('uncut', [4, 'never'], { change: { seed: 9 } })).rejects.toMatchObject({
    code: 'RUN_FOLDER',
    what: expect.stringContaining('seed (3 then, 9 now)'),
  });
  for (const stops of [[], [11], [-1], [2.5]]) {
    expect(() => planSweep(recipe(), stops, 'x')).toThrow(expect.objectContaining({ code: 'USAGE' }));
  }
  expect(() => planSweep(recipe({ alignment: null }), [3], 'x')).toThrow('nothing to stop');
});
