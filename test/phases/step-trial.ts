// Small runs that are taken step by step, by the code or by repetition. B batch, C channels, H×W pixels, T tokens, D width.
import type { TermWeight } from '@hastejs/core';
import { pairs } from '@hastejs/layers';
import { attentionAlignment } from '@hastejs/loss-attention';
import { featureAlignment } from '@hastejs/loss-feature';
import { makeSit } from '@hastejs/models';
import type { AlignmentLoss, Backend, Optimizer, TargetLayers, TeacherEncoder } from '@hastejs/plugin-api';
import { type Tensor, type Tensor1D, type Tensor3D, type Tensor4D, rng, tf } from '@hastejs/tensor';
import {
  Alignment,
  type StepRecipe,
  Stepper,
  type TeacherValues,
  type Weights,
  adamw,
  begin,
  computeIn,
  disposeBatch,
  trainStep,
} from '@hastejs/trainer';

const [B, SIDE, BLOCKS] = [2, 8, 3];
/** A student of 10⁴ parameters. */
export const sit = makeSit({
  ...{ hiddenSize: 16, depth: BLOCKS, numHeads: 2, patchSize: 4, mlpRatio: 2, qkNorm: false },
  input: { channels: 1, height: SIDE, width: SIDE },
  classes: 3,
});

/** A linear map of patches, as tokens and as queries and keys. */
export function teacher(change: Partial<TeacherEncoder> = {}): TeacherEncoder {
  const weight = tf.tensor2d(rng(7).normal(16 * 16), [16, 16]);
  const tokens = (images_BCHW: Tensor4D): Tensor3D =>
    tf.reshape(tf.matMul(tf.reshape(images_BCHW, [-1, 16]), weight), [B, 4, 16]);
  const heads = (images_BCHW: Tensor4D) => tf.transpose(tf.reshape(tokens(images_BCHW), [B, 4, 2, 8]), [0, 2, 1, 3]);
  return {
    spec: { name: 'linear', blocks: BLOCKS, width: 16, heads: 2, headDim: 8, grid: sit.spec.grid },
    repeatable: true,
    encode: (images, taps) => ({
      tokens: new Map(taps.tokens.map((site) => [site, tokens(images)])),
      attention: new Map(
        taps.attention.map((site) => [site, { q_BHTd: heads(images) as Tensor4D, k_BHTd: heads(images) as Tensor4D }]),
      ),
    }),
    dispose: () => weight.dispose(),
    ...change,
  };
}

export function alignmentTo(encoder: TeacherEncoder, weight: TermWeight = 0.5): Alignment {
  const layers = (list: [number, number | 'final'][]) =>
    pairs.create({ pairs: list, grids: 'refuse' }, {}) as TargetLayers;
  const feature = featureAlignment.create({ hidden: 8 }, {}) as AlignmentLoss;
  const attention = attentionAlignment.create({}, {}) as AlignmentLoss;
  return new Alignment(sit.spec, [
    { name: 'feature', weight, teacher: encoder, loss: feature, layers: layers([[1, 'final']]) },
    {
      name: 'attention',
      weight: 0.5,
      teacher: encoder,
      loss: attention,
      layers: layers([
        [1, 1],
        [2, 2],
      ]),
    },
  ]);
}

export function batch(step: number) {
  const draws = rng(3).stream('batch').at(step);
  const shape = [B, 1, SIDE, SIDE] as const;
  const normal = (name: string) => tf.tensor4d(draws.stream(name).normal(B * SIDE * SIDE), [...shape]);
  return {
    images_BCHW: normal('images'),
    x0_BCHW: normal('x0'),
    noise_BCHW: normal('noise'),
    t_B: tf.tensor1d(draws.stream('t').uniform(B)),
    y_B: tf.tensor1d(draws.stream('y').integers(B, 3), 'int32') as Tensor1D,
  };
}

/** The step recipe of these tests: a learning rate that changes in every step, so that it must come anew. */
export function recipe(backend: Backend, change: Partial<StepRecipe> = {}): StepRecipe {
  const optimizer = adamw.create(adamw.options.parse({ lr: 1e-2, warmup: 6, weightDecay: 0.1 }), {}) as Optimizer;
  const compute = computeIn(backend, 'float32');
  return { student: sit, path: 'linear', optimizer, gradientClip: 1, emaDecay: 0.9, compute, ...change };
}

const flat = ({ params, ema, optimizer }: Weights): Tensor[] =>
  [params, ema, ...Object.values(optimizer)].flatMap((group) => Object.values(group));

/** What came of some steps. */
export interface Taken {
  readonly losses: number[][];
  readonly weights: number[][];
  readonly notRepeated: (string | null)[];
}

/** Steps to take. */
export interface Trial {
  readonly backend: Backend;
  readonly steps?: number;
  readonly change?: Partial<StepRecipe>;
  readonly alignment?: Alignment | null;
  /** What was read ahead for a step. */
  readonly fetched?: (step: number) => TeacherValues;
  /** Called before a step; may hand out something to dispose after it. */
  readonly before?: (step: number, weights: Weights) => Tensor[];
  /** What a trigger leaves of the weights. */
  readonly factor?: (step: number) => number;
  readonly stepper?: boolean;
}

/** Takes steps from fresh weights and returns everything that came of them. */
export function take({
  backend,
  steps = 7,
  change,
  alignment = null,
  fetched,
  before,
  factor = () => 1,
  stepper: repeats = true,
}: Trial): Taken {
  const made = recipe(backend, change);
  let { weights } = begin(made.student, made.optimizer, alignment, null, rng(5));
  const stepper = new Stepper(made, backend);
  const taken: Taken = { losses: [], weights: [], notRepeated: [] };
  for (let step = 0; step < steps; step++) {
    const held = before?.(step, weights) ?? [];
    const drawn = { ...batch(step), ...(fetched && { fetched: fetched(step) }) };
    const result = repeats
      ? stepper.step(weights, drawn, alignment, step, factor(step))
      : trainStep(made, weights, drawn, alignment, step, factor(step));
    weights = result.weights;
    taken.losses.push([...result.losses_N.dataSync()]);
    taken.notRepeated.push(stepper.notRepeated);
    disposeBatch(drawn);
    tf.dispose([result.losses_N, ...held]);
  }
  taken.weights.push(...flat(weights).map((tensor) => [...tensor.dataSync()]));
  tf.dispose(flat(weights));
  stepper.dispose();
  return taken;
}

/** The same steps by the code alone must give the same bits. */
export function expectSameAsCode(trial: Trial): Taken {
  const taken = take(trial);
  const byCode = take({ ...trial, stepper: false });
  expect(taken.losses).toEqual(byCode.losses);
  expect(taken.weights).toEqual(byCode.weights);
  return taken;
}
