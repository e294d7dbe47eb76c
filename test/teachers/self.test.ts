import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host, RecipeInput } from '@hastejs/core';
import { interpolate } from '@hastejs/diffusion';
import { attentionAlignment, featureAlignment, fixed, pairs, selfTeacher } from '@hastejs/haste';
import { project } from '../../plugins/loss-feature/src/projector.js';
import { makeSit } from '@hastejs/models';
import type { TeacherEncoder, TokenAlignmentLoss } from '@hastejs/plugin-api';
import {
  type Params,
  type Tensor4D,
  cloneParams,
  disposeParams,
  globalNorm,
  mapParams,
  negativeCosine,
  normalTensor,
  omitParams,
  rng,
  subParams,
  tf,
  valueAndGrads,
} from '@hastejs/tensor';
import { Alignment, adamw, begin, trainStep } from '@hastejs/trainer';
import { studentMoment } from '../../packages/trainer/src/student-moment.js';
import { describeEachBackend, forEachBackend } from '#support/backends.js';
import { type ToyRun, temporaryFolder, toyHost, toyRecipe, toyTrain } from '#support/toy-run.js';

const TERMS: NonNullable<RecipeInput['alignment']>['terms'] = {
  feature: { loss: featureAlignment({ hidden: 8 }), layers: pairs({ pairs: [[0, 2]] }), weight: 0.2 },
  attention: { loss: attentionAlignment(), layers: pairs({ pairs: [[0, 2]] }), weight: 0.5 },
};

const student = makeSit({
  ...{ hiddenSize: 16, depth: 3, numHeads: 2, patchSize: 4, mlpRatio: 2, qkNorm: false },
  input: { channels: 1, height: 8, width: 8 },
  classes: 3,
});

/** Weights far from initialisation, where every block is the identity. */
const shaken = (params: Params, seed: number): Params =>
  mapParams(params, (tensor, name) =>
    name === 'pos_embed'
      ? tf.clone(tensor)
      : tf.tidy(() => tf.add(tensor, tf.mul(normalTensor(rng(seed).stream(name), tensor.shape), 0.2))),
  );

const makeBatch = () => {
  const image = (seed: number) => normalTensor(rng(seed), [4, 1, 8, 8]) as Tensor4D;
  return {
    ...{ images_BCHW: image(1), x0_BCHW: image(2), noise_BCHW: image(3) },
    t_B: tf.tensor1d([0.1, 0.4, 0.8, 1]),
    y_B: tf.tensor1d([0, 1, 2, 3], 'int32'),
  };
};

describeEachBackend('a student as its own teacher', () => {
  it('is the average at a cleaner time of the same noise, and takes no gradient', () => {
    const before = tf.memory().numTensors;
    const teacher = selfTeacher.create(
      { timeGap: 0.3, draw: 'fixed' },
      { student: student.spec, rng: rng(5) },
    ) as TeacherEncoder;
    const loss = featureAlignment.create({ hidden: 8 }, {}) as TokenAlignmentLoss;
    const layers = pairs.create({ pairs: [[0, 2]], grids: 'refuse' }, {});
    const alignment = new Alignment(student.spec, [
      { name: 'self', weight: 0.2, teacher, loss, layers: layers as never },
    ]);
    const optimizer = adamw.create(adamw.options.parse({}), {});
    const fresh = begin(student, optimizer as never, alignment, null, rng(9)).weights;
    const [params, ema] = [shaken(fresh.params, 1), shaken(fresh.ema, 2)];
    const batch = makeBatch();

    // By hand: t′ = max(0, t − 0.3), x_{t′} of the same x₀ and ε, block 2 of the average; a constant in the loss.
    const averaged = { ...params, ...ema };
    const cleaner_B = tf.tensor1d([0, 0.1, 0.5, 0.7]);
    const target_BTD = tf.tidy(() => {
      const { x_BCHW } = interpolate('linear', batch.x0_BCHW, batch.noise_BCHW, cleaner_B);
      const input = { x_BCHW, t_B: cleaner_B, y_B: batch.y_B };
      return student.forward(averaged, input, { tokens: [2], attention: [] }).taps.tokens.get(2)!;
    });
    const byHand = valueAndGrads(
      () => {
        const { x_BCHW, target_BCHW } = interpolate('linear', batch.x0_BCHW, batch.noise_BCHW, batch.t_B);
        const input = { x_BCHW, t_B: batch.t_B, y_B: batch.y_B };
        const { velocity_BCHW, taps } = student.forward(params, input, { tokens: [0], attention: [] });
        const projected = project(subParams(params, 'projectors.0.'), taps.tokens.get(0)!);
        const self = negativeCosine(projected, target_BTD);
        const denoise = tf.mean(tf.squaredDifference(velocity_BCHW, target_BCHW));
        return { loss: tf.add(denoise, tf.mul(self, 0.2)), aux: { self } };
      },
      omitParams(params, student.frozen),
    );
    const norm = globalNorm(byHand.grads);

    const recipe = {
      student,
      path: 'linear',
      optimizer: optimizer as never,
      gradientClip: null,
      emaDecay: 0.9,
    } as const;
    const held = { params: cloneParams(params), ema: cloneParams(ema), optimizer: fresh.optimizer };
    const result = trainStep(recipe, held, batch, alignment, 0);
    const losses = result.losses_N.dataSync();
    const step = Object.fromEntries(result.names.map((name, i) => [name, losses[i]!]));
    const scale = (value: number) => Math.max(1, Math.abs(value)) * 1e-5;
    for (const [name, value] of [
      ['total', byHand.loss],
      ['self', byHand.aux.self],
      ['grad_norm', norm],
    ] as const) {
      const expected = value.dataSync()[0]!;
      expect(Math.abs(step[name]! - expected)).toBeLessThan(scale(expected));
    }
    expect(Math.abs(step['self']!)).toBeGreaterThan(1e-3);

    tf.dispose([batch, cleaner_B, target_BTD, byHand.loss, byHand.aux, norm, result.losses_N]);
    for (const group of [params, ema, byHand.grads, fresh.params, fresh.ema]) disposeParams(group);
    for (const group of [result.weights.params, result.weights.ema, ...Object.values(result.weights.optimizer)])
      disposeParams(group);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('runs no block after the last tap, and makes nothing before it is asked', () => {
    const all = student.init(rng(1));
    const few = omitParams(
      all,
      Object.keys(all).filter((name) => /^(blocks\.2|final_layer)/.test(name)),
    );
    const batch = makeBatch();
    const before = tf.memory().numTensors;
    const moment = studentMoment(student, 'linear', { params: all, ema: omitParams(few, student.frozen) }, batch);
    expect(tf.memory().numTensors).toBe(before);
    const used: Params = { pos_embed: all['pos_embed']! };
    const early = studentMoment(student, 'linear', { params: used, ema: omitParams(few, student.frozen) }, batch);
    tf.tidy(() =>
      expect(early.tapsAt(moment.t_B, { tokens: [1], attention: [] }).tokens.get(1)!.shape).toEqual([4, 4, 16]),
    );
    tf.dispose(batch);
    disposeParams(all);
  });
});

const folder = temporaryFolder();
forEachBackend('a run that aligns to itself', (backend) => {
  const ref = { kind: 'backend', id: `backend/${backend}`, with: {} } as const;
  let host: Host;
  beforeAll(async () => {
    host = await toyHost();
  });
  afterAll(() => host.close());
  const recipe = (teacher = selfTeacher()): RecipeInput =>
    toyRecipe({ backend: ref, alignment: { teacher, terms: TERMS, until: fixed({ step: 5 }) }, steps: 7 });
  const weightsOf = ({ report }: ToyRun) =>
    Promise.all(
      ['params', 'ema', 'optimizer'].map((name) =>
        readFile(join(report.checkpoints.at(-1)!.path, `${name}.safetensors`), 'hex'),
      ),
    );

  it('goes on bit for bit wherever it was cut, and leaves no tensor behind', async () => {
    const whole = await toyTrain(host, recipe(), { folder: folder.path(backend, 'whole') });
    expect(Object.keys(whole.losses.get(5)!)).toContain('align/attention');
    expect(Object.keys(whole.losses.get(6)!)).toEqual(['loss/total', 'loss/denoise', 'grad_norm']);
    for (const cut of [2, 5]) {
      const place = folder.path(backend, `cut-${cut}`);
      const first = await toyTrain(host, recipe(), { folder: place, stopAfter: cut });
      const second = await toyTrain(host, recipe(), { folder: place, resume: true });
      expect(new Map([...first.losses, ...second.losses])).toEqual(whole.losses);
      expect(await weightsOf(second)).toEqual(await weightsOf(whole));
    }
    const other = await toyTrain(host, recipe(selfTeacher({ timeGap: 0.9 })), {
      folder: folder.path(backend, 'other'),
    });
    expect(other.losses.get(2)).not.toEqual(whole.losses.get(2));
    expect(tf.memory().numTensors).toBe(0);
  });

  it('is refused for final tokens, which a student does not have', async () => {
    const terms = { feature: { ...TERMS['feature']!, layers: pairs({ pairs: [[0, 'final']] }) } };
    const refused = toyTrain(host, toyRecipe({ backend: ref, alignment: { teacher: selfTeacher(), terms } }), {
      folder: folder.path(backend, 'refused'),
    });
    await expect(refused).rejects.toThrow(/tokens that EMA of .* does not have[^]*It has tokens of 0, 1, 2/);
  });
});
