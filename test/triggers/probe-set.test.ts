// B batch, C channels, H×W pixels.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host, RecipeInput } from '@hastejs/core';
import { interpolate } from '@hastejs/diffusion';
import { atMost, fixed, gradientAngle, gradientConflict } from '@hastejs/haste';
import { project } from '../../plugins/loss-feature/src/projector.js';
import { makeSit } from '@hastejs/models';
import {
  type Dataset,
  type Metric,
  type Ref,
  type TeacherEncoder,
  defineMetric,
  definePlugin,
  defineTrigger,
} from '@hastejs/plugin-api';
import {
  type Params,
  type Tensor4D,
  attentionCrossEntropy,
  negativeCosine,
  normalTensor,
  omitParams,
  paramsFromHost,
  readSafetensors,
  rng,
  subParams,
  tf,
  valueAndGrads,
} from '@hastejs/tensor';
import { z } from 'zod';
import { toyData, toyTeacher } from '#support/toy.js';
import { temporaryFolder, toyAlignment, toyHost, toyRecipe, toyTrain } from '#support/toy-run.js';

const folder = temporaryFolder();
let host: Host;
beforeAll(async () => {
  host = await toyHost();
});
afterAll(() => host.close());
afterEach(() => expect(tf.memory().numTensors).toBe(0));

const VALUE = 'metric/gradient_angle/alignment';
const TIMES = [0.1, 0.6];
const conflict = { block: 0, every: 2, times: TIMES, images: 6, threshold: 1, patience: 2 };
const recipe = (change: Partial<RecipeInput> = {}): RecipeInput =>
  toyRecipe({ alignment: toyAlignment(gradientConflict(conflict)), checkpoints: { every: 1, keep: 9 }, ...change });

async function logged(name: string): Promise<Record<string, number>[]> {
  const text = await readFile(folder.path(name, 'metrics.jsonl'), 'utf8');
  return text.trimEnd().split('\n').map((line) => JSON.parse(line)); // prettier-ignore
}
const measured = async (name: string) =>
  (await logged(name))
    .filter((line) => VALUE in line)
    .map((line) => [line['step'], line[VALUE], line[`${VALUE}/error`]]);

/** The same number with nothing of the trainer: draws, losses and gradients written out. */
async function byHand(checkpoint: string): Promise<{ mean: number; error: number }> {
  const read = async (name: string): Promise<Params> =>
    paramsFromHost(Object.fromEntries((await readSafetensors(join(checkpoint, `${name}.safetensors`))).tensors));
  const params = { ...(await read('params')), ...(await read('alignment')) };
  const data = (await toyData.create({}, {})) as Dataset;
  const shape = { hiddenSize: 16, depth: 3, numHeads: 2, patchSize: 4, mlpRatio: 4, qkNorm: false } as const;
  const student = makeSit({ ...shape, input: data.spec.image, classes: 3 });
  const teacher = toyTeacher.create(toyTeacher.options.parse({}), { student: student.spec }) as TeacherEncoder;
  const stream = rng(3).stream('probe');
  const order = stream.stream('images').permutation(24);
  const cosines: number[] = [];
  for (const [number, indices] of [order.slice(0, 4), order.slice(4, 6)].entries()) {
    const { images_BCHW, labels_B } = await data.read(indices, stream);
    const own = TIMES.map((t) =>
      tf.tidy(() => {
        const B = indices.length;
        const pixels = tf.tensor4d([...images_BCHW], [B, 1, 8, 8]);
        const noise = normalTensor(stream.stream('noise').at(number), [B, 1, 8, 8]) as Tensor4D;
        const t_B = tf.fill([B], t) as never;
        const { x_BCHW, target_BCHW } = interpolate('linear', tf.sub(tf.div(pixels, 127.5), 1), noise, t_B);
        const input = { x_BCHW, t_B, y_B: tf.tensor1d([...labels_B], 'int32') };
        const seen = teacher.encode(pixels, { tokens: ['final'], attention: [1, 2] });
        const trainable = omitParams(params, student.frozen);
        const run = () => student.forward(params, input, { tokens: [1], attention: [0, 1] });
        const denoise = valueAndGrads(
          () => ({ loss: tf.mean(tf.squaredDifference(run().velocity_BCHW, target_BCHW)) }),
          trainable,
        );
        const aligned = valueAndGrads(() => {
          const { taps } = run();
          const projected = project(subParams(params, 'projectors.0.'), taps.tokens.get(1)!);
          const feature = negativeCosine(projected, seen.tokens.get('final')!);
          const maps = [0, 1].map((s) => attentionCrossEntropy(taps.attention.get(s)!, seen.attention.get(s + 1)!));
          return { loss: tf.add(tf.mul(feature, 0.5), tf.mul(tf.add(maps[0]!, maps[1]!), 0.25)) };
        }, trainable);
        const flat = (grads: Params) =>
          Object.keys(params)
            .filter((name) => name.startsWith('blocks.0.'))
            .flatMap((name) => [...grads[name]!.dataSync()]);
        const [a, b] = [flat(denoise.grads), flat(aligned.grads)];
        const dot = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
        return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
      }),
    );
    cosines.push((own[0]! + own[1]!) / 2);
  }
  teacher.dispose();
  tf.dispose({ ...params });
  // Two batches: the standard error of their mean is half their distance.
  return { mean: (cosines[0]! + cosines[1]!) / 2, error: Math.abs(cosines[0]! - cosines[1]!) / 2 };
}

describe('the probe set of a trigger', () => {
  it('is measured as the trigger asks, logged with its error, and equals a computation by hand', async () => {
    const { report } = await toyTrain(host, recipe(), { folder: folder.path('live') });
    expect(report.phaseChange).toEqual({ step: 4, reason: expect.stringContaining('point against each other') });
    const values = await measured('live');
    expect(values.map(([step]) => step)).toEqual([2, 4]);
    const { mean, error } = await byHand(folder.path('live', 'checkpoints', 'step-00000002'));
    expect(values[0]![1]).toBeCloseTo(mean, 4);
    expect(values[0]![2]).toBeCloseTo(error, 4);
    expect(error).toBeGreaterThan(1e-3);
  });

  it.each([1, 2, 3])('gives the same numbers after a cut at step %i', async (cut) => {
    const place = `cut-${cut}`;
    await toyTrain(host, recipe(), { folder: folder.path(place), stopAfter: cut });
    const { report } = await toyTrain(host, recipe(), { folder: folder.path(place), resume: true });
    expect(report.phaseChange?.step).toBe(4);
    expect(await measured(place)).toEqual(await measured('live'));
  });

  it('changes no number of the run', async () => {
    const never = gradientConflict({ ...conflict, threshold: -1 });
    const until = (trigger: Ref<'trigger'>) => recipe({ alignment: toyAlignment(atMost(6, trigger)) });
    const watched = await toyTrain(host, until(never), { folder: folder.path('watched') });
    const plain = await toyTrain(host, until(fixed({ step: 6 })), { folder: folder.path('plain') });
    expect(watched.losses).toEqual(plain.losses);
  });

  it('cannot be larger than the data set', async () => {
    const alignment = toyAlignment(gradientConflict({ ...conflict, images: 25 }));
    await expect(toyTrain(host, recipe({ alignment }), { folder: folder.path('large') })).rejects.toMatchObject({
      code: 'EXTENSION_OPTIONS',
      what: 'The probe set is to have 25 images, and toy has 24.',
    });
  });
});

describe('metrics that a trigger asks for', () => {
  const calls: number[] = [];
  const counted = defineMetric({
    id: 'metric/counted',
    summary: 'Counts its calls.',
    options: z.strictObject({ every: z.int().positive().default(1) }),
    create: ({ every }): Metric => ({
      names: ['counted'],
      every,
      needsAlignment: false,
      measure: ({ step }) => ({ counted: calls.push(step) }),
    }),
  });
  const asking = defineTrigger({
    id: 'trigger/asking',
    summary: 'Fires after the step given, and wants a metric.',
    options: z.strictObject({ step: z.int() }),
    create: ({ step: limit }) => ({
      watches: ['metric/counted'],
      measures: [{ kind: 'metric', id: 'metric/counted', with: {} }],
      init: () => 0,
      decide: (seen, { step, metrics }) => {
        const state = (seen as number) + (metrics['metric/counted'] === undefined ? 0 : 1);
        return step < limit ? { state } : { state, stop: `${state} measurements` };
      },
    }),
  });
  const plugin = definePlugin({ name: 'counting', version: '1.0.0', api: '^1.0.0', extensions: [counted, asking] });
  let counting: Host;
  beforeAll(async () => {
    counting = await host.withPlugins([plugin]);
  });
  beforeEach(() => void calls.splice(0));
  const until = (change: Partial<RecipeInput> = {}) =>
    toyRecipe({ alignment: toyAlignment(asking({ step: 4 })), ...change });

  it('are measured until it fires, and never after: nobody would ask', async () => {
    const { report } = await toyTrain(counting, until(), { folder: folder.path('asking') });
    expect(report.phaseChange?.reason).toBe('4 measurements');
    expect(calls).toEqual([1, 2, 3, 4]);
  });

  it('are measured once where the recipe names the same, and go on as it says', async () => {
    await toyTrain(counting, until({ metrics: [counted({ every: 1 })] }), { folder: folder.path('same') });
    expect(calls).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('may not share a name with another metric', async () => {
    const twice = until({ metrics: [counted({ every: 2 })] });
    await expect(toyTrain(counting, twice, { folder: folder.path('twice') })).rejects.toMatchObject({
      code: 'RECIPE_INVALID',
      what: 'Two metrics both yield metric/counted.',
    });
    const angles = toyRecipe({ metrics: [gradientAngle(), gradientAngle({ every: 7 })] });
    await expect(toyTrain(host, angles, { folder: folder.path('angles') })).rejects.toThrow('Two metrics both yield');
  });
});
