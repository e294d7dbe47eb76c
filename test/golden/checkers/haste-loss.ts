// B batch, C channels, H heads, T tokens, d head size.
import { interpolate, velocityErrors } from '@hastejs/diffusion';
import { makeSit } from '@hastejs/models';
import type { QueryKey, Student, StudentInput, StudentOutput, TapValues, Taps } from '@hastejs/plugin-api';
import { type Params, type Scalar, globalNorm, omitParams, tf, valueAndGrads } from '@hastejs/tensor';
import {
  type Alignment,
  type LossTerms,
  type TeacherValues,
  type TrainingBatch,
  lossTerms,
  totalLoss,
} from '@hastejs/trainer';
import type { GoldenCase } from '../runner/golden-case.js';
import { sitConfigOf } from '../runner/sit-config.js';
import { type HasteConfig, alignmentOf, attentionPairs, batchOf, hasteConfig, teacherOf } from './haste-setup.js';
import { attentionLogits, tapOutput } from './sit.js';

/** Everything that one loss is made of. */
interface Problem {
  readonly golden: GoldenCase;
  readonly config: HasteConfig;
  readonly student: Student;
  readonly params: Params;
  readonly batch: TrainingBatch;
  /** The attention loss of every pair of blocks that was computed, in order. */
  readonly perLayer: number[];
  /** Null in phase II. */
  readonly aligned: { readonly session: Alignment; readonly teachers: TeacherValues } | null;
}

/** The whole loss of one batch: states and target, three terms, total, and gradients by term. */
export function checkHasteLoss(golden: GoldenCase): void {
  const problem = problemOf(golden);
  checkTotal(problem);
  checkTermGradients(problem);
}

function problemOf(golden: GoldenCase): Problem {
  const config = hasteConfig.parse(golden.config);
  const student = makeSit(sitConfigOf(golden.config));
  const batch = batchOf(golden, config);
  const perLayer: number[] = [];
  const session = config.denoise_only
    ? null
    : alignmentOf(golden, config, student.spec, (loss) => void perLayer.push(loss));
  const aligned = session && { session, teachers: session.encode(batch.images_BCHW) };
  return { golden, config, student, params: golden.weights(), batch, perLayer, aligned };
}

/** One pass as a training step makes it, looked at from inside: the cpu backend is too slow for a second one. */
function checkTotal(problem: Problem): void {
  const { golden, config, student, params, batch, aligned, perLayer } = problem;
  const watched: Student = {
    ...student,
    forward(...given) {
      const output = student.forward(...given);
      checkForward(problem, given[1], output);
      checkRows(problem, output.taps);
      return output;
    },
  };
  const attention = Array.from({ length: config.encoder_depth }, (_, block) => block);
  const taps: Taps = { tokens: attention.slice(-1), attention };
  const { loss, aux, grads } = valueAndGrads(
    () => {
      const terms = lossTerms(watched, config.path_type, params, batch, aligned, taps);
      return { loss: totalLoss(terms, aligned?.session ?? null), aux: { ...terms } };
    },
    omitParams(params, student.frozen),
  );
  golden.expect('out/total', loss);
  if (aligned) {
    golden.expect('out/proj_loss', featureLoss(aux));
    golden.expect('out/attn_loss', aux['attention']!);
    golden.expect('out/attn_ce_per_layer', perLayer);
  }
  expectGradients(golden, 'grad/', grads);
  checkReach(golden, params, grads);
}

/** Times, states, target, prediction, and what the released code taps of the student. */
function checkForward(
  { golden, config, params, batch }: Problem,
  { x_BCHW, t_B, y_B }: StudentInput,
  { velocity_BCHW, taps }: StudentOutput,
): void {
  const { target_BCHW } = interpolate(config.path_type, batch.x0_BCHW, batch.noise_BCHW, batch.t_B);
  golden.expect('out/t', t_B);
  golden.expect('out/y_after_drop', y_B);
  golden.expect('out/model_input', x_BCHW);
  golden.expect('out/target', target_BCHW);
  golden.expect('out/pred', velocity_BCHW);
  golden.expect('out/denoising_loss', velocityErrors(velocity_BCHW, target_BCHW));
  for (const key of golden.outputs) {
    // Large maps are stored for the first query rows only: `out/attn.4[:, :, :4]`.
    const [, plain, rows] = /^(out\/(?:attn|proj)\.\d+)(?:\[:, :, :(\d+)\])?$/.exec(key) ?? [];
    if (plain === undefined) continue;
    const whole = tapOutput(plain, params, taps, config.encoder_depth)!;
    golden.expect(key, rows === undefined ? whole : tf.slice(whole, [0, 0, 0, 0], [-1, -1, Number(rows), -1]));
  }
}

/** The attention term row by row, where a case has it. */
function checkRows({ golden, config }: Problem, taps: TapValues): void {
  if (!golden.outputs.includes('out/attn_ce_rows')) return;
  const teacher = teacherOf(golden, config).attention;
  const layers = attentionPairs(config).map(([s, t]) => crossEntropyRows(taps.attention.get(s)!, teacher.get(t)!));
  golden.expect(
    'out/attn_ce_rows',
    layers.flatMap((rows) => [...rows]),
  );
}

/** −Σ softmax(Aₜ)·log softmax(Aₛ) of every query row of one layer, of which Haste only has the mean. [B, H, T] */
function crossEntropyRows(student: QueryKey, teacher: QueryKey): Float32Array {
  const target_BHTT = attentionLogits(teacher);
  const own_BHTT = tf.slice(attentionLogits(student), [0, 0, 0, 0], target_BHTT.shape);
  const [target, own] = [target_BHTT.dataSync(), own_BHTT.dataSync()];
  const T = target_BHTT.shape[3];
  // In loops on the host: the cpu backend takes minutes for a softmax of this size.
  return Float32Array.from({ length: target.length / T }, (_, row) => {
    const [t, s] = [target, own].map((logits) => logits.subarray(row * T, (row + 1) * T)) as [
      Float32Array,
      Float32Array,
    ];
    const [logZt, logZs] = [logSumExp(t), logSumExp(s)];
    return t.reduce((sum, logit, key) => sum - Math.exp(logit - logZt) * (s[key]! - logZs), 0);
  });
}

function logSumExp(values: Float32Array): number {
  const max = values.reduce((largest, value) => Math.max(largest, value), -Infinity);
  return max + Math.log(values.reduce((sum, value) => sum + Math.exp(value - max), 0));
}

/** The released code's projection loss: the mean over its teachers. */
function featureLoss(terms: LossTerms): Scalar {
  const features = Object.entries(terms).filter(([name]) => name.startsWith('feature'));
  return tf.div(tf.addN(features.map(([, loss]) => loss)), features.length);
}

/** `grad_<term>/…`: gradients of one unweighted term. */
function checkTermGradients({ golden, config, student, params, batch, aligned }: Problem): void {
  const losses: Record<string, (terms: LossTerms) => Scalar> = {
    'grad_denoise/': (terms) => terms['denoise']!,
    'grad_attn/': (terms) => terms['attention']!,
    'grad_proj/': featureLoss,
  };
  for (const [kind, lossOf] of Object.entries(losses)) {
    if (!golden.outputs.some((key) => key.startsWith(kind))) continue;
    const { grads } = valueAndGrads(
      () => ({ loss: lossOf(lossTerms(student, config.path_type, params, batch, aligned)) }),
      omitParams(params, student.frozen),
    );
    expectGradients(golden, kind, grads);
  }
}

function expectGradients(golden: GoldenCase, kind: string, grads: Params): void {
  const keys = golden.outputs.filter((key) => key.startsWith(kind));
  for (const key of keys) golden.expect(key, grads[key.slice(kind.length)]!);
}

/** Which parameters the loss reaches at all, and the norm of all gradients together. */
function checkReach(golden: GoldenCase, params: Params, grads: Params): void {
  const absent = Object.keys(params).filter((name) => !(name in grads));
  const expected = golden.scalars['params_without_grad'] as readonly string[];
  golden.require(
    absent.toSorted().join() === expected.toSorted().join(),
    `parameters without a gradient: ${absent.join()} instead of ${expected.join()}`,
  );
  // The JSON gives scalars no tolerance: this is the rule by which it gives one to tensors.
  const tolerance = golden.backend === 'cpu' ? 4e-6 : 4e-5;
  const ratio = globalNorm(grads).dataSync()[0]! / (golden.scalars['grad_norm_all'] as number);
  golden.require(Math.abs(ratio - 1) <= tolerance, `the norm of all gradients is ${ratio} of what it should be`);
}
