import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '@hastejs/core';
import { fixed, plateau, ramp } from '@hastejs/haste';
import type { Ref } from '@hastejs/plugin-api';
import { tf } from '@hastejs/tensor';
import { teacherLog } from '#support/toy.js';
import { type ToyRun, temporaryFolder, toyAlignment, toyHost, toyRecipe, toyTrain } from '#support/toy-run.js';
import { keptNotices } from '#support/samples.js';

const folder = temporaryFolder();
const notices = keptNotices();
let host: Host;
beforeAll(async () => {
  host = await toyHost(notices);
  await toyTrain(host, recipe(undefined, 'trunk'), { folder: folder.path('trunk') });
});
afterAll(() => host.close());
beforeEach(() => void notices.warnings.splice(0));
afterEach(() => expect(tf.memory().numTensors).toBe(0));

const recipe = (until: Ref<'trigger'> | undefined, name = 'fork') =>
  toyRecipe({ name, alignment: toyAlignment(until), checkpoints: { every: 100, at: [3, 4, 6] } });
const trunkAt = (step: number) => folder.path('trunk', 'checkpoints', `step-0000000${step}`);
const fork = (name: string, from: string, until: Ref<'trigger'> | undefined, rest = {}) =>
  toyTrain(host, recipe(until), { folder: folder.path(name), fork: from, ...rest });
const weightsOf = ({ report }: ToyRun) =>
  Promise.all(
    ['params', 'ema', 'optimizer', 'alignment'].map((name) =>
      readFile(join(report.checkpoints.at(-1)!.path, `${name}.safetensors`), 'hex'),
    ),
  );

const TRIGGERS = {
  'at the checkpoint': fixed({ step: 4 }),
  later: fixed({ step: 7 }),
  'by what was logged before': plateau({ metric: 'align/attention', window: 2, patience: 2, minGain: 1000 }),
  'by a ramp that has just begun': ramp(fixed({ step: 2 }), { steps: 2 }),
};

it.each(Object.entries(TRIGGERS))('equals a run that had the trigger from the start: %s', async (name, until) => {
  const whole = await toyTrain(host, recipe(until), { folder: folder.path(`whole ${name}`) });
  const at = name === 'by a ramp that has just begun' ? 3 : 4;
  const before = teacherLog.encoded;
  const forked = await fork(`fork ${name}`, trunkAt(at), until);
  const end = whole.report.phaseChange!.step;
  expect(forked.report.phaseChange).toEqual(whole.report.phaseChange);
  expect(teacherLog.encoded - before).toBe(end - at);
  expect(await weightsOf(forked)).toEqual(await weightsOf(whole));
  expect([...forked.losses]).toEqual([...whole.losses].slice(at));
  expect(forked.report.losses).toEqual(whole.report.losses);
  const log = (place: string) => readFile(folder.path(place, 'metrics.jsonl'), 'utf8');
  expect(await log(`fork ${name}`)).toBe(await log(`whole ${name}`));
  expect(notices.warnings).toEqual([]);
});

it('is a run of its own: it says where it comes from, and resumes', async () => {
  const cut = await fork('own', trunkAt(4), fixed({ step: 5 }), { stopAfter: 7 });
  expect(cut.report.forkedFrom).toEqual({ path: trunkAt(4), step: 4 });
  expect(cut.report.checkpoints.map(({ step, reason }) => [step, reason])).toEqual([
    [4, 'forked'],
    [5, 'phase change'],
    [6, 'asked for'],
    [7, 'interrupted'],
  ]);
  const resumed = await toyTrain(host, recipe(fixed({ step: 5 })), { folder: folder.path('own'), resume: true });
  expect(resumed.report.forkedFrom).toEqual({ path: trunkAt(4), step: 4 });
  const whole = await toyTrain(host, recipe(fixed({ step: 5 })), { folder: folder.path('own whole') });
  expect(await weightsOf(resumed)).toEqual(await weightsOf(whole));
});

it('leaves the trunk as it was', async () => {
  const report = JSON.parse(await readFile(folder.path('trunk', 'report.json'), 'utf8'));
  expect(report.forkedFrom).toBeNull();
  expect(report.checkpoints.map(({ step, reason }: { step: number; reason: string }) => [step, reason])).toEqual([
    [3, 'asked for'],
    [4, 'asked for'],
    [6, 'asked for'],
    [10, 'finished'],
  ]);
});

it('refuses what cannot be: phase II, a trigger of the past, another run, a folder in use', async () => {
  await expect(fork('past', trunkAt(4), fixed({ step: 3 }))).rejects.toMatchObject({
    code: 'USAGE',
    what: expect.stringContaining('would have fired at step 3'),
  });
  const free = folder.path('own', 'checkpoints', 'step-00000007');
  await expect(fork('free', free, fixed({ step: 9 }))).rejects.toMatchObject({
    code: 'USAGE',
    what: 'At step 7 phase I is over: it ended at step 5, and the projectors are gone.',
  });
  const other = { ...recipe(fixed({ step: 9 })), batchSize: 5 };
  await expect(toyTrain(host, other, { folder: folder.path('other'), fork: trunkAt(4) })).rejects.toMatchObject({
    code: 'CHECKPOINT_FOREIGN',
    what: expect.stringContaining('batchSize'),
  });
  await expect(fork('own', trunkAt(4), fixed({ step: 5 }))).rejects.toMatchObject({ code: 'RUN_FOLDER' });
  await expect(fork('trunk', trunkAt(4), fixed({ step: 5 }), { fresh: true })).rejects.toMatchObject({
    code: 'RUN_FOLDER',
    what: expect.stringContaining('the run that it begins from'),
  });
});

it('warns where what is shared had other weights', async () => {
  const until = ramp(fixed({ step: 2 }), { steps: 4 });
  const { report } = await fork('faded', trunkAt(4), until);
  expect(report.phaseChange?.step).toBe(6);
  expect(notices.warnings).toEqual([
    'fork: by its trigger alignment would have begun to fade at step 3; until step 4 it did not',
  ]);
  notices.warnings.splice(0);
  await toyTrain(host, recipe(ramp(fixed({ step: 2 }), { steps: 6 })), { folder: folder.path('fading') });
  const fading = folder.path('fading', 'checkpoints', 'step-00000004');
  await fork('from fading', fading, fixed({ step: 5 }));
  expect(notices.warnings).toEqual([expect.stringContaining('at step 4 the run was letting alignment fade, to 0.75')]);
});

it('goes on with the state of the same trigger, in the middle of its ramp, without any log', async () => {
  const until = ramp(fixed({ step: 2 }), { steps: 6 });
  const silent = { ...recipe(until), loggers: [] };
  const whole = await toyTrain(host, silent, { folder: folder.path('same') });
  const from = folder.path('same', 'checkpoints', 'step-00000004');
  const forked = await toyTrain(host, silent, { folder: folder.path('same fork'), fork: from });
  expect(await weightsOf(forked)).toEqual(await weightsOf(whole));
  expect(notices.warnings).toEqual([]);
});

it('warns where the log cannot tell what the trigger would have seen', async () => {
  const silent = { ...recipe(undefined, 'trunk'), loggers: [] };
  await toyTrain(host, silent, { folder: folder.path('silent') });
  const from = folder.path('silent', 'checkpoints', 'step-00000004');
  const until = plateau({ metric: 'align/feature', window: 3, patience: 1 });
  await toyTrain(host, { ...silent, alignment: toyAlignment(until) }, { folder: folder.path('doubt'), fork: from });
  expect(notices.warnings).toEqual([
    'fork: the run has no log, so the trigger begins at step 4 without having seen align/feature',
  ]);
});
