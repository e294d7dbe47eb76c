// What a run refuses or survives, each with one clear error and nothing lost.
import { existsSync } from 'node:fs';
import type { Host, RecipeInput } from '@hastejs/core';
import { attentionAlignment, featureAlignment, fixed, pairs, plateau } from '@hastejs/haste';
import { tf } from '@hastejs/tensor';
import { listCheckpoints } from '@hastejs/trainer';
import { teacherLog, toyTeacher } from '#support/toy.js';
import { temporaryFolder, toyAlignment, toyHost, toyRecipe, toyTrain } from '#support/toy-run.js';

const folder = temporaryFolder();
let host: Host;
beforeAll(async () => {
  host = await toyHost();
});
afterAll(() => host.close());
afterEach(() => {
  expect([tf.memory().numTensors, teacherLog.alive]).toEqual([0, 0]);
});

const tokens = (pair: [number, number | 'final'], grids?: 'resample') => ({
  loss: featureAlignment({ hidden: 8 }),
  layers: pairs({ pairs: [pair], ...(grids && { grids }) }),
});
const aligned = (terms: object, teacher = toyTeacher()): Partial<RecipeInput> => ({
  alignment: { teacher, terms: terms as never },
});

it.each<[string, Partial<RecipeInput>, RegExp]>([
  [
    'a student block that is not there',
    aligned({ feature: tokens([3, 'final']) }),
    /student block 3.*blocks 0 to 2[^]*alignment\.terms\.feature/,
  ],
  ['a teacher block that is not there', aligned({ feature: tokens([0, 3]) }), /teacher block 3.*toy-teacher/],
  ['token grids that differ', aligned({ feature: tokens([0, 'final']) }, toyTeacher({ grid: 4 })), /2×2 tokens.*4×4/],
  [
    'a trigger that watches what nobody measures',
    { alignment: toyAlignment(plateau({ metric: 'metric/fid' })) },
    /watches metric\/fid[^]*alignment\.until/,
  ],
  ['a batch larger than the data', { batchSize: 25 }, /toy has 24 images, fewer than one batch of 25/],
])('refuses %s before the run folder is made', async (name, change, message) => {
  const place = folder.path(name.replaceAll(' ', '-'));
  await expect(toyTrain(host, toyRecipe(change), { folder: place })).rejects.toThrow(message);
  expect(existsSync(place)).toBe(false);
});

it('resamples the teacher to the grid of the student when told to', async () => {
  const change = aligned(
    {
      feature: tokens([0, 'final'], 'resample'),
      attention: { loss: attentionAlignment(), layers: pairs({ pairs: [[1, 1]], grids: 'resample' }) },
    },
    toyTeacher({ grid: 4 }),
  );
  const { losses } = await toyTrain(host, toyRecipe({ ...change, steps: 2 }), { folder: folder.path('resampled') });
  expect(losses.get(2)!['align/attention']).toBeGreaterThan(0);
});

it('names the term and the step when a loss is not finite, and keeps the last good checkpoint', async () => {
  const place = folder.path('nan');
  const alignment = { ...toyAlignment(fixed({ step: 8 })), teacher: toyTeacher({ explodeAt: 5 }) };
  const run = toyTrain(host, toyRecipe({ alignment, checkpoints: { every: 2, keep: 3 } }), { folder: place });
  await expect(run).rejects.toThrow(
    /align\/feature became NaN.*align\/attention became NaN in step 5.*LOSS_NOT_FINITE/,
  );
  const left = await listCheckpoints(place);
  expect(left.map(({ step, whole }) => [step, whole])).toEqual([
    [2, true],
    [4, true],
  ]);
  // The fault was the teacher's: a run that mends it goes on from step 4.
  expect(existsSync(`${place}/lock.json`)).toBe(false);
});
