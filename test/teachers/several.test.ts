import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host, RecipeInput } from '@hastejs/core';
import { attentionAlignment, featureAlignment, fixed, pairs, selfTeacher } from '@hastejs/haste';
import { tf, readSafetensors } from '@hastejs/tensor';
import { assemble, assembleAlignment } from '@hastejs/trainer';
import { teacherLog, toyTeacher } from '#support/toy.js';
import { type ToyRun, temporaryFolder, toyHost, toyRecipe, toyTrain } from '#support/toy-run.js';

const folder = temporaryFolder();
let host: Host;
beforeAll(async () => {
  host = await toyHost();
});
afterAll(() => host.close());
afterEach(() => expect([tf.memory().numTensors, teacherLog.alive]).toEqual([0, 0]));

const at = (student: number, teacher: number | 'final', grids?: 'resample') =>
  pairs({ pairs: [[student, teacher]], ...(grids && { grids }) });
const features = featureAlignment({ hidden: 8 });

/** Three teachers: a plain one (width 16, 2×2 tokens), one of other width, heads and grid that may be cached, and itself. */
const alignment = (cache?: { dir: string }): NonNullable<RecipeInput['alignment']> => {
  const other = { teacher: toyTeacher({ heads: 3, blocks: 5, grid: 4 }), ...(cache && { cache }) };
  return {
    teacher: toyTeacher(),
    until: fixed({ step: 6 }),
    terms: {
      plain: { loss: features, layers: at(1, 'final'), weight: 0.5 },
      maps: { loss: attentionAlignment(), layers: at(0, 1), weight: 0.25 },
      wide: { ...other, loss: features, layers: at(2, 4, 'resample'), weight: 0.3 },
      wideMaps: { ...other, loss: attentionAlignment(), layers: at(1, 3, 'resample'), weight: 0.1 },
      own: { teacher: selfTeacher(), loss: features, layers: at(0, 2), weight: 0.2 },
    },
  };
};

const tensorsOf = ({ report }: ToyRun, name: string) =>
  readFile(join(report.checkpoints.at(-1)!.path, `${name}.safetensors`), 'hex');

it('runs each teacher once a step, on all that its terms take; the same reference is the same teacher', async () => {
  const before = teacherLog.encoded;
  const run = await toyTrain(host, toyRecipe({ alignment: alignment(), steps: 4 }), { folder: folder.path('plain') });
  expect(teacherLog.encoded - before).toBe(2 * 4);
  expect(Object.keys(run.losses.get(1)!).filter((name) => name.startsWith('align/'))).toEqual(
    ['plain', 'maps', 'wide', 'wideMaps', 'own'].map((term) => `align/${term}`),
  );
});

it('tells teachers apart by their options, whatever the order they are written in', async () => {
  const recipe = host.resolve(toyRecipe({ alignment: alignment() }));
  const run = host.openRun(recipe, folder.path());
  await host.selectBackend(recipe.backend);
  const parts = await assemble(run, recipe);
  const found = (await assembleAlignment(run, recipe, parts))!;
  expect([...found.teachers].map(([{ spec }, taps]) => [spec.width, taps])).toEqual([
    [16, { tokens: ['final'], attention: [1] }],
    [24, { tokens: [4], attention: [3] }],
    [16, { tokens: [2], attention: [] }],
  ]);

  const { terms } = recipe.alignment!;
  const { id, kind, with: options } = terms['wideMaps']!.teacher!;
  const turned = { kind, id, with: Object.fromEntries(Object.entries(options).reverse()) };
  const written = { ...recipe.alignment!, terms: { ...terms, wideMaps: { ...terms['wideMaps']!, teacher: turned } } };
  const again = (await assembleAlignment(run, { ...recipe, alignment: written }, parts))!;
  expect(again.teachers.size).toBe(3);
  await run.close();
});

it('gives every term that has one a projector of its own, named by their order', async () => {
  const run = await toyTrain(host, toyRecipe({ alignment: alignment(), steps: 2 }), { folder: folder.path('names') });
  const { tensors } = await readSafetensors(join(run.report.checkpoints.at(-1)!.path, 'alignment.safetensors'));
  const outputs = [...tensors].filter(([name]) => name.endsWith('.4.weight'));
  // To the widths of the plain teacher, the wide one, and the student itself.
  expect(outputs.map(([name, { shape }]) => [name, shape])).toEqual([
    ['projectors.0.4.weight', [16, 8]],
    ['projectors.1.4.weight', [24, 8]],
    ['projectors.2.4.weight', [16, 8]],
  ]);
});

it('has the same numbers with one of them cached, cut and resumed, and frees all of them', async () => {
  const recipe = (cache?: { dir: string }) => toyRecipe({ alignment: alignment(cache), steps: 8 });
  const live = await toyTrain(host, recipe(), { folder: folder.path('live') });
  const dir = folder.path('cache');
  const place = folder.path('cut');
  const first = await toyTrain(host, recipe({ dir }), { folder: place, stopAfter: 3 });
  const before = { ...teacherLog };
  const second = await toyTrain(host, recipe({ dir }), { folder: place, resume: true });
  // After the cut only the plain teacher runs, for the three steps that are left of phase I.
  expect([teacherLog.encoded - before.encoded, teacherLog.disposed - before.disposed]).toEqual([3, 1]);
  expect(new Map([...first.losses, ...second.losses])).toEqual(live.losses);
  for (const name of ['params', 'ema', 'optimizer']) {
    expect(await tensorsOf(second, name)).toBe(await tensorsOf(live, name));
  }
  expect(second.report.phaseChange!.step).toBe(6);
});
