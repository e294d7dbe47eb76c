// Published variants in whole runs: letting go, resuming, caching, and what is refused before a run begins.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AlignmentInput, Host, RecipeInput } from '@hastejs/core';
import {
  attentionAlignment,
  blocks,
  dispersive,
  featureAlignment,
  featureAlignmentConv,
  fixed,
  pairs,
  relationAlignment,
  spatialNorm,
  tokenWeights,
} from '@hastejs/haste';
import { readSafetensorsHeader, tf } from '@hastejs/tensor';
import { teacherLog, toyTeacher } from '#support/toy.js';
import { type ToyRun, temporaryFolder, toyHost, toyRecipe, toyTrain } from '#support/toy-run.js';

const folder = temporaryFolder();
let host: Host;
const notices: string[] = [];
beforeAll(async () => {
  host = await toyHost({ info: () => undefined, warn: (message) => notices.push(message) });
});
afterAll(() => host.close());
afterEach(() => expect([tf.memory().numTensors, teacherLog.alive]).toEqual([0, 0]));

const final = pairs({ pairs: [[1, 'final']] });
const second = blocks({ blocks: [1] });
const disperse = { loss: dispersive(), layers: second, weight: 0.25 };
const recipeOf = (alignment: AlignmentInput, change: Partial<RecipeInput> = {}) => toyRecipe({ alignment, ...change });
const finalWeights = ({ report }: ToyRun) =>
  readFile(join(report.checkpoints.at(-1)!.path, 'params.safetensors'), 'hex');

/** Each published variant as a recipe has it. */
const VARIANTS: Record<string, () => AlignmentInput> = {
  'iREPA: spatial normalisation, convolution': () => ({
    teacher: toyTeacher(),
    terms: { feature: { loss: spatialNorm({ loss: featureAlignmentConv() }), layers: final } },
  }),
  'relations beside features': () => ({
    teacher: toyTeacher(),
    terms: {
      feature: { loss: featureAlignment({ hidden: 8 }), layers: final },
      relation: { loss: relationAlignment({ penalty: 'absolute', margin: 0.1 }), layers: final },
    },
  }),
  'dispersive: no teacher': () => ({ terms: { disperse } }),
  'tokens weighed by the teacher’s attention': () => ({
    teacher: toyTeacher(),
    terms: {
      feature: { loss: tokenWeights({ loss: featureAlignment({ hidden: 8 }), by: 'attention' }), layers: final },
    },
  }),
  'by times of its samples, beside a teacherless term': () => ({
    teacher: toyTeacher(),
    terms: {
      feature: {
        loss: tokenWeights({ loss: featureAlignment({ hidden: 8 }), by: 'attention', block: 0 }),
        layers: final,
        weight: { value: 0.5, overTime: [{ until: 0.5, factor: 0 }, { until: 1, factor: 2 }] }, // prettier-ignore
      },
      disperse,
    },
  }),
};

describe.each(Object.entries(VARIANTS))('%s', (name, alignment) => {
  const until = fixed({ step: 5 });
  const recipe = () => recipeOf({ ...alignment(), until });
  const place = (run: string) => folder.path(name.replace(/\W+/g, '-'), run);

  it('lets go of everything, and goes on bit for bit after a cut in either phase', async () => {
    const whole = await toyTrain(host, recipe(), { folder: place('whole') });
    expect(whole.report.phaseChange).toMatchObject({ step: 5 });
    for (const term of Object.keys(alignment().terms)) {
      expect(whole.losses.get(5)).toHaveProperty([`align/${term}`], expect.any(Number));
      expect(whole.losses.get(6)).not.toHaveProperty([`align/${term}`]);
    }
    for (const cut of [3, 7]) {
      const first = await toyTrain(host, recipe(), { folder: place(`cut-${cut}`), stopAfter: cut });
      const rest = await toyTrain(host, recipe(), { folder: place(`cut-${cut}`), resume: true });
      expect(new Map([...first.losses, ...rest.losses])).toEqual(whole.losses);
      expect(await finalWeights(rest)).toBe(await finalWeights(whole));
    }
  });
});

it('creates and asks no teacher where no term compares with one, and says so if one is named', async () => {
  const before = { ...teacherLog };
  const alone = await toyTrain(host, recipeOf({ terms: { disperse } }), { folder: folder.path('alone') });
  notices.length = 0;
  const named = await toyTrain(host, recipeOf({ teacher: toyTeacher(), terms: { disperse } }), {
    folder: folder.path('named'),
  });
  expect(teacherLog).toEqual(before);
  expect(notices).toEqual(['alignment.teacher: no term compares with teacher/toy, so it is not loaded.']);
  expect(named.losses).toEqual(alone.losses);
});

it('keeps the attention that weighs tokens in the cache, and reads it bit for bit', async () => {
  const alignment = VARIANTS['tokens weighed by the teacher’s attention']!();
  const live = await toyTrain(host, recipeOf(alignment), { folder: folder.path('live') });
  const cached = recipeOf({ ...alignment, cache: { dir: folder.path('cache') } });
  const filling = await toyTrain(host, cached, { folder: folder.path('filling') });
  const { encoded } = teacherLog;
  const reading = await toyTrain(host, cached, { folder: folder.path('reading') });
  expect(teacherLog.encoded).toBe(encoded);
  for (const run of [filling, reading]) expect(run.losses).toEqual(live.losses);
});

it('saves the convolution of iREPA under the names of PyTorch’s', async () => {
  const alignment = VARIANTS['iREPA: spatial normalisation, convolution']!();
  const run = await toyTrain(host, recipeOf(alignment, { steps: 1 }), { folder: folder.path('names') });
  const file = join(run.report.checkpoints.at(-1)!.path, 'alignment.safetensors');
  const { entries } = await readSafetensorsHeader(file);
  const shapes = Object.fromEntries(entries.map(({ name, shape }) => [name, shape]));
  expect(shapes).toEqual({ 'projectors.0.weight': [16, 16, 3, 3], 'projectors.0.bias': [16] });
});

describe('what does not fit is refused before a run begins:', () => {
  const feature = { loss: featureAlignment({ hidden: 8 }), layers: final };
  const banded = { value: 0.5, overTime: [{ until: 1, factor: 1 }] };
  it.each<[string, AlignmentInput, string]>([
    [
      'a loss without the teacher it needs',
      { terms: { feature } },
      'compares the student with a teacher, and none is named',
    ],
    ['a teacher for a loss that has none', { terms: { disperse: { ...disperse, teacher: toyTeacher() } } }, 'The loss looks at the student alone, so teacher/toy would teach nobody.'], // prettier-ignore
    ['pairs for a loss without a teacher', { terms: { disperse: { ...disperse, layers: final } } }, 'looks at the student alone, and the target layers pair'], // prettier-ignore
    ['lone blocks for a loss with one', { teacher: toyTeacher(), terms: { feature: { ...feature, layers: second } } }, 'blocks of the student alone, and the loss compares'], // prettier-ignore
    ['a block that the student lacks', { terms: { disperse: { ...disperse, layers: blocks({ blocks: [3] }) } } }, 'name student block 3, but'], // prettier-ignore
    ['times for a loss that couples samples', { terms: { disperse: { ...disperse, weight: banded } } }, 'compares the samples of a batch with each other, so'], // prettier-ignore
    ['a guide that the teacher lacks', { teacher: toyTeacher(), terms: { feature: { ...feature, loss: tokenWeights({ loss: feature.loss, by: 'attention', block: 3 }) } } }, 'guided by attention of 3, which toy-teacher does not have'], // prettier-ignore
    ['weights for a loss that is no mean over tokens', { teacher: toyTeacher(), terms: { feature: { ...feature, loss: tokenWeights({ loss: relationAlignment(), by: 'contrast' }) } } }, 'loss/relation does not tell the loss of each token'], // prettier-ignore
    ['a wrapper of attention', { teacher: toyTeacher(), terms: { feature: { ...feature, loss: spatialNorm({ loss: attentionAlignment() }) } } }, 'loss/attention does not compare tokens'], // prettier-ignore
  ])('%s', async (name, alignment, message) => {
    const train = toyTrain(host, recipeOf(alignment), { folder: folder.path('refused', name) });
    await expect(train).rejects.toThrow(message);
  });

  it('a cache for no teacher', () => {
    const recipe = recipeOf({ cache: {}, terms: { disperse } });
    expect(() => host.resolve(recipe)).toThrow('there is no teacher whose features could be kept');
  });
});
