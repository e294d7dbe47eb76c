import type { Host } from '@hastejs/core';
import { fixed, gradientAngle, plateau } from '@hastejs/haste';
import { tf } from '@hastejs/tensor';
import { readFile } from 'node:fs/promises';
import { temporaryFolder, toyAlignment, toyHost, toyRecipe, toyTrain } from '#support/toy-run.js';

const folder = temporaryFolder();
let host: Host;
beforeAll(async () => {
  host = await toyHost();
});
afterAll(() => host.close());
afterEach(() => expect(tf.memory().numTensors).toBe(0));

const logged = async (name: string): Promise<Record<string, number>[]> =>
  (await readFile(folder.path(name, 'metrics.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
const measuredAt = (lines: Record<string, number>[], key: string): number[] =>
  lines.filter((line) => key in line).map((line) => line['step']!);

it('measures a metric when it is due, while there is something to measure, and logs it', async () => {
  const recipe = toyRecipe({ alignment: toyAlignment(fixed({ step: 5 })), metrics: [gradientAngle({ every: 2 })] });
  const { report } = await toyTrain(host, recipe, { folder: folder.path('angle') });
  const lines = await logged('angle');
  expect(lines.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  for (const term of ['feature', 'attention']) {
    const key = `metric/gradient_cosine/${term}`;
    expect(measuredAt(lines, key)).toEqual([2, 4]);
    expect(Math.abs(lines[1]![key]!)).toBeLessThanOrEqual(1);
    expect(report.losses[key]!.step).toEqual([2, 4]);
  }
});

it('changes no number of the run by measuring', async () => {
  const plain = await toyTrain(host, toyRecipe(), { folder: folder.path('unwatched') });
  const watched = await toyTrain(host, toyRecipe({ metrics: [gradientAngle({ every: 1 })] }), {
    folder: folder.path('watched'),
  });
  expect(watched.losses).toEqual(plain.losses);
});

it('lets a trigger decide by a loss, and resumes its state in the middle of a judgement', async () => {
  const until = plateau({ metric: 'align/feature', window: 2, patience: 1, minGain: 1000 });
  const recipe = toyRecipe({ alignment: toyAlignment(until) });
  const whole = await toyTrain(host, recipe, { folder: folder.path('plateau') });
  const change = whole.report.phaseChange!;
  expect(change.step).toBeLessThan(10);
  expect(change.reason).toMatch(/align\/feature/);
  await toyTrain(host, recipe, { folder: folder.path('cut'), stopAfter: change.step - 1 });
  const resumed = await toyTrain(host, recipe, { folder: folder.path('cut'), resume: true });
  expect(resumed.report.phaseChange).toEqual(change);
});

it('drops the lines past the checkpoint from the log when a run is resumed', async () => {
  const recipe = toyRecipe({ checkpoints: { every: 4, keep: 3 } });
  const name = 'log';
  await toyTrain(host, recipe, { folder: folder.path(name), stopAfter: 6 });
  await toyTrain(host, recipe, {
    folder: folder.path(name),
    resume: folder.path(name, 'checkpoints', 'step-00000004'),
  });
  expect((await logged(name)).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});
