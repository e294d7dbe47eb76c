// B batch, C channels, H×W pixels.
import { Alignment, type TrainingBatch, lossTerms, totalLoss } from '@hastejs/trainer';
import type { AlignmentLoss, TargetLayers, TeacherEncoder } from '@hastejs/plugin-api';
import { attentionAlignment, featureAlignment, pairs } from '@hastejs/haste';
import { makeSit } from '@hastejs/models';
import {
  type Params,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
  disposeParams,
  normalTensor,
  omitParams,
  rng,
  tf,
} from '@hastejs/tensor';
import { describeEachBackend } from '#support/backends.js';
import { expectGradients } from '#support/finite-difference.js';
import { toyTeacher } from '#support/toy.js';

const SHAPE = { hiddenSize: 16, depth: 3, numHeads: 2, patchSize: 4, mlpRatio: 4, qkNorm: false } as const;
const student = makeSit({ ...SHAPE, input: { channels: 1, height: 8, width: 8 }, classes: 3 });
const TIMES = [0.1, 0.9, 0.4, 0.6, 0.3];
const BANDS = [
  { until: 0.2, factor: 0 },
  { until: 0.5, factor: 2 },
  { until: 1, factor: 0.5 },
];
const FACTORS = [0, 0.5, 2, 0.5, 2];

type Batch = Omit<TrainingBatch, 'fetched'>;

function makeBatch(samples: readonly number[]): Batch {
  const B = samples.length;
  const draw = (name: string): Tensor4D =>
    tf.concat(samples.map((i) => normalTensor(rng(1).stream(name).at(i), [1, 1, 8, 8]))) as Tensor4D;
  return {
    images_BCHW: tf.add(tf.mul(draw('images'), 30), 128),
    x0_BCHW: draw('x0'),
    noise_BCHW: draw('noise'),
    t_B: tf.tensor1d(samples.map((i) => TIMES[i]!)),
    y_B: tf.zeros([B], 'int32') as Tensor1D,
  };
}

describeEachBackend('a weight that depends on time', () => {
  const make = (overTime?: typeof BANDS) => {
    const teacher = toyTeacher.create(toyTeacher.options.parse({}), { student: student.spec }) as TeacherEncoder;
    const term = (loss: unknown, between: [number, number | 'final'][]) => ({
      weight: { value: 0.5, ...(overTime && { overTime }) },
      teacher,
      loss: loss as AlignmentLoss,
      layers: pairs.create({ pairs: between, grids: 'refuse' }, {}) as TargetLayers,
    });
    return new Alignment(student.spec, [
      { name: 'feature', ...term(featureAlignment.create({ hidden: 8 }, {}), [[1, 'final']]) },
      { name: 'attention', ...term(attentionAlignment.create({}, {}), [[0, 1], [1, 2]]) }, // prettier-ignore
    ]);
  };
  /** Every zero of the initialisation moved, so that all gradients flow. */
  const shaken = (alignment: Alignment): Params =>
    Object.fromEntries(
      Object.entries({ ...student.init(rng(2)), ...alignment.init(rng(3)) }).map(([name, value]): [string, Tensor] => [
        name,
        student.frozen.includes(name)
          ? value
          : tf.add(value, tf.mul(normalTensor(rng(4).stream(name), value.shape), 0.1)),
      ]),
    );
  const terms = (alignment: Alignment, params: Params, batch: Batch) => {
    const teachers = alignment.encode(batch.images_BCHW);
    return lossTerms(student, 'linear', params, batch, { session: alignment, teachers });
  };

  it('counts every sample by the factor of its band: Σ f(t)·l / B, sample by sample', async () => {
    const [banded, plain] = [make(BANDS), make()];
    tf.tidy(() => {
      const params = shaken(plain);
      const together = terms(banded, params, makeBatch([0, 1, 2, 3, 4]));
      for (const name of ['feature', 'attention']) {
        const alone = TIMES.map((_, i) => terms(plain, params, makeBatch([i]))[name]!.dataSync()[0]!);
        const expected = alone.reduce((sum, loss, i) => sum + FACTORS[i]! * loss, 0) / TIMES.length;
        expect(together[name]!.dataSync()[0]! / expected).toBeCloseTo(1, 4);
      }
    });
    await banded.close();
    await plain.close();
  });

  it('has the gradient of its definition', async () => {
    const alignment = make(BANDS);
    const params = tf.tidy(() => shaken(alignment) as never) as unknown as Params;
    const batch = tf.tidy(() => ({ ...makeBatch([0, 1, 2, 3, 4]) })) as Batch;
    const names = ['blocks.0.attn.qkv.weight', 'blocks.1.mlp.fc1.weight', 'projectors.0.2.weight'];
    const fixed = omitParams(params, names);
    expectGradients(
      (inputs) => totalLoss(terms(alignment, { ...fixed, ...inputs }, batch), alignment),
      Object.fromEntries(names.map((name) => [name, params[name]!])),
      { tolerance: 5e-3 },
    );
    disposeParams(params);
    tf.dispose({ ...batch });
    await alignment.close();
  });

  it('leaves a batch without any sample that counts with a loss of zero', async () => {
    const alignment = make(BANDS);
    tf.tidy(() => {
      const losses = terms(alignment, shaken(alignment), makeBatch([0]));
      expect([losses['feature']!.dataSync()[0], losses['attention']!.dataSync()[0]]).toEqual([0, 0]);
    });
    await alignment.close();
  });
});
