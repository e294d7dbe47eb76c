import { appendFile, readFile, writeFile } from 'node:fs/promises';
import type { Host, RecipeInput, RefInput } from '@hastejs/core';
import { after, anyOf, atMost, fixed, gradientConflict, plateau, ramp, residual } from '@hastejs/haste';
import { readRunLog, readRunRecord, replayRun } from '@hastejs/trainer';
import { tf } from '@hastejs/tensor';
import { teacherLog } from '#support/toy.js';
import { temporaryFolder, toyAlignment, toyHost, toyRecipe, toyTrain } from '#support/toy-run.js';

const folder = temporaryFolder();
let host: Host;
beforeAll(async () => {
  host = await toyHost();
});
afterAll(() => host.close());

const replay = async (name: string, until?: RefInput<'trigger'> | null) => {
  const record = await readRunRecord(folder.path(name));
  return replayRun(host, record, await readRunLog(record.folder, record.recipe), until);
};
const train = (name: string, until: ReturnType<typeof fixed> | undefined, change: Partial<RecipeInput> = {}) =>
  toyTrain(host, toyRecipe({ steps: 14, alignment: toyAlignment(until), ...change }), { folder: folder.path(name) });

it('names a folder whose recipe is none', async () => {
  await train('other', fixed({ step: 2 }), { steps: 2 });
  await writeFile(folder.path('other', 'recipe.json'), '[1]');
  await expect(readRunRecord(folder.path('other'))).rejects.toMatchObject({
    code: 'RUN_FOLDER',
    where: folder.path('other'),
  });
});

const TRIGGERS = {
  fixed: fixed({ epoch: 1.5 }),
  plateau: plateau({ metric: 'align/attention', window: 2, patience: 2, minGain: 1000 }),
  angle: gradientConflict({ block: 1, every: 3, times: [0.2, 0.7], images: 4, threshold: 1, patience: 2 }),
  wrapped: ramp(anyOf(after(3, residual({ fast: 1, slow: 2, minGain: 0.9 })), fixed({ step: 11 })), { steps: 4 }),
  late: atMost(9, plateau({ metric: 'loss/denoise', window: 500 })),
};

it.each(Object.entries(TRIGGERS))('says of a run what the run did: %s', async (name, until) => {
  const { report, losses } = await train(name, until);
  const encoded = teacherLog.encoded;
  const { fired, factors } = await replay(name);
  expect(report.phaseChange).not.toBeNull();
  expect(fired).toEqual(report.phaseChange);
  const live = [...losses].flatMap(([step, values]) => ('weight/attention' in values ? [[step - 1, values['weight/attention']! / 0.5]] : [])); // prettier-ignore
  expect(factors.filter(([, factor]) => factor < 1)).toEqual(live.filter(([, factor]) => factor! < 1));
  expect(teacherLog.encoded).toBe(encoded);
  expect(tf.memory().numTensors).toBe(0);
});

it('says of another trigger what a run with it does', async () => {
  await train('never', undefined);
  const { report } = await train('by-plateau', TRIGGERS.plateau);
  expect((await replay('never', TRIGGERS.plateau)).fired).toEqual(report.phaseChange);
  expect(await replay('never')).toMatchObject({ until: null, fired: null, asked: 14 });
});

it('asks only where the run aligned: beyond, nobody knows', async () => {
  await train('short', fixed({ step: 6 }));
  expect(await replay('short', fixed({ step: 6 }))).toMatchObject({ fired: { step: 6 } });
  expect(await replay('short', fixed({ step: 7 }))).toMatchObject({ fired: null, asked: 6 });
});

it('names what the log does not have', async () => {
  const angle = gradientConflict({ block: 0, images: 4 });
  expect((await replay('never', anyOf(angle, fixed({ step: 3 })))).unmeasured).toEqual([
    'metric/gradient_angle/alignment',
    'metric/gradient_angle/alignment/error',
  ]);
});

it('reads a run that is going on, up to the last whole line, and NaN as NaN', async () => {
  await train('going', undefined, { steps: 4 });
  const path = folder.path('going', 'metrics.jsonl');
  await appendFile(path, '{"step":5,"align/feature":null,"loss/total":1}\n{"step":6,"align/fea');
  const log = await readRunLog(folder.path('going'), { loggers: [{ kind: 'logger', id: 'logger/jsonl', with: {} }] });
  expect([log.last, log.aligned, log.complete]).toEqual([5, 5, true]);
  expect(log.steps.get(5)).toEqual({ 'align/feature': NaN, 'loss/total': 1 });
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.split('\n').filter((_, i) => i !== 1).join('\n')); // prettier-ignore
  expect(
    (await readRunLog(folder.path('going'), { loggers: log && [{ kind: 'logger', id: 'logger/jsonl', with: {} }] }))
      .complete,
  ).toBe(false);
});

it('refuses what is no run, has no log, no alignment, or a trigger that does not fit', async () => {
  await expect(replay('nowhere')).rejects.toMatchObject({ code: 'RUN_FOLDER' });
  await train('silent', undefined, { loggers: [], steps: 2 });
  await expect(replay('silent')).rejects.toMatchObject({ code: 'RUN_LOG_MISSING' });
  await train('plain', undefined, { alignment: null, steps: 2 });
  await expect(replay('plain', fixed({ step: 1 }))).rejects.toMatchObject({ code: 'RECIPE_INVALID' });
  await expect(replay('never', 'trigger/nothing')).rejects.toMatchObject({
    code: 'RECIPE_INVALID',
    where: expect.stringContaining('alignment.until'),
  });
});
