import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host, RecipeInput } from '@hastejs/core';
import { fixed, ramp } from '@hastejs/haste';
import { tf } from '@hastejs/tensor';
import { forEachBackend } from '#support/backends.js';
import { teacherLog } from '#support/toy.js';
import { type ToyRun, temporaryFolder, toyAlignment, toyHost, toyRecipe, toyTrain } from '#support/toy-run.js';

const folder = temporaryFolder();
const TENSORS = ['params', 'ema', 'optimizer', 'alignment'];
const weightsOf = ({ report }: ToyRun) =>
  Promise.all(TENSORS.map((name) => readFile(join(report.checkpoints.at(-1)!.path, `${name}.safetensors`), 'hex')));

/** Fires after step 2 and fades out over steps 3 to 6; the feature term comes up on a schedule of its own meanwhile. */
function fading(backend: string): RecipeInput {
  const { teacher, terms } = toyAlignment();
  const feature = {
    ...terms['feature']!,
    weight: {
      value: 0.2,
      ramp: { to: 1, start: 1, steps: 4 },
      overTime: [
        { until: 0.5, factor: 1 },
        { until: 1, factor: 0.5 },
      ],
    },
  };
  return toyRecipe({
    backend: { kind: 'backend', id: `backend/${backend}`, with: {} },
    alignment: {
      teacher,
      until: ramp(fixed({ step: 2 }), { steps: 4, shape: 'linear' }),
      terms: { ...terms, feature },
    },
  });
}

forEachBackend('fading out', (backend) => {
  let host: Host;
  let whole: ToyRun;
  let encoded: number;
  beforeAll(async () => {
    host = await toyHost();
    const before = teacherLog.encoded;
    whole = await toyTrain(host, fading(backend), { folder: folder.path(backend, 'whole') });
    encoded = teacherLog.encoded - before;
  });
  afterAll(() => host.close());

  it('weighs every step as schedule and ramp say, to the end of the ramp, where the teacher is freed', () => {
    const factors = [1, 1, 1, 0.75, 0.5, 0.25];
    const feature = [0.2, 0.2, 0.4, 0.6, 0.8, 1];
    for (const [index, factor] of factors.entries()) {
      const losses = whole.losses.get(index + 1)!;
      expect(losses['weight/feature']).toBeCloseTo(factor * feature[index]!, 12);
      expect(losses['weight/attention']).toBe(factor * 0.5);
      const sum =
        losses['loss/denoise']! +
        losses['weight/feature']! * losses['align/feature']! +
        losses['weight/attention']! * losses['align/attention']!;
      expect(losses['loss/total']).toBeCloseTo(sum, 5);
    }
    expect(Object.keys(whole.losses.get(7)!)).toEqual(['loss/total', 'loss/denoise', 'grad_norm']);
    expect([encoded, teacherLog.alive]).toEqual([6, 0]);
    expect(whole.report.phaseChange).toEqual({ step: 6, reason: expect.stringContaining('faded out over 4 steps') });
    expect(tf.memory().numTensors).toBe(0);
  });

  it.each([3, 6])('cut after step %i, goes on bit for bit', async (cut) => {
    const place = folder.path(backend, `cut-${cut}`);
    const first = await toyTrain(host, fading(backend), { folder: place, stopAfter: cut });
    expect(first.report.step).toBe(cut);
    const second = await toyTrain(host, fading(backend), { folder: place, resume: true });
    expect(new Map([...first.losses, ...second.losses])).toEqual(whole.losses);
    expect(await weightsOf(second)).toEqual(await weightsOf(whole));
    expect(second.report.phaseChange).toEqual(whole.report.phaseChange);
  });
});

describe('weights', () => {
  let host: Host;
  beforeAll(async () => {
    host = await toyHost();
  });
  afterAll(() => host.close());

  it('that have come down to zero end alignment, with or without a trigger', async () => {
    const { teacher, terms } = toyAlignment();
    const spent = Object.entries(terms).map(([name, term], i) => [
      name,
      { ...term, weight: { ramp: { steps: 3 + i } } },
    ]);
    const recipe = toyRecipe({ alignment: { teacher, terms: Object.fromEntries(spent) } });
    const { report } = await toyTrain(host, recipe, { folder: folder.path('spent') });
    expect(report.phaseChange).toEqual({ step: 4, reason: expect.stringContaining('come down to zero at step 4') });
  });

  it('that count at no time train as plain training does, and still resume bit for bit', async () => {
    const { teacher, terms } = toyAlignment(fixed({ step: 6 }));
    const none = Object.entries(terms).map(([name, term]) => [
      name,
      { ...term, weight: { overTime: [{ until: 1, factor: 0 }] } },
    ]);
    const recipe = toyRecipe({ alignment: { teacher, until: fixed({ step: 6 }), terms: Object.fromEntries(none) } });
    const whole = await toyTrain(host, recipe, { folder: folder.path('none') });
    const plain = await toyTrain(host, toyRecipe({ alignment: null }), { folder: folder.path('plain') });
    const denoise = (run: ToyRun) => [...run.losses.values()].map((losses) => losses['loss/denoise']);
    expect(denoise(whole)).toEqual(denoise(plain));
    await toyTrain(host, recipe, { folder: folder.path('none-cut'), stopAfter: 3 });
    const resumed = await toyTrain(host, recipe, { folder: folder.path('none-cut'), resume: true });
    expect(await weightsOf(resumed)).toEqual(await weightsOf(whole));
  });

  it.each([
    [{ value: -1 }, 'weight.value: expected a number at least 0'],
    [{ ramp: { steps: 0 } }, 'weight.ramp.steps: expected a number above 0'],
    [{ overTime: [{ until: 0.5, factor: 1 }] }, 'weight.overTime: the last band must go until 1'],
    [
      {
        overTime: [
          { until: 1, factor: 1 },
          { until: 1, factor: 0 },
        ],
      },
      'bands must be in ascending order',
    ],
    [{ vlaue: 1 }, 'unknown key "vlaue". Did you mean "value"?'],
    ['0.5', 'weight: expected number'],
  ])('%j is refused with its path', (weight, fault) => {
    const { teacher, terms } = toyAlignment();
    const alignment = { teacher, terms: { feature: { ...terms['feature']!, weight: weight as never } } };
    expect(() => host.resolve(toyRecipe({ alignment }))).toThrow(
      expect.objectContaining({ where: expect.stringContaining(fault) }),
    );
  });
});
