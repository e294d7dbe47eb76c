// B batch, C channels, H height, W width.
import {
  type InterpolantName,
  pathCoefficients,
  sampleEuler,
  sampleEulerMaruyama,
  sampleHeun,
} from '@hastejs/diffusion';
import { makeSit } from '@hastejs/models';
import { NO_TAPS, type SamplingProblem, type Student, type VelocityPair } from '@hastejs/plugin-api';
import { type Params, type Tensor1D, tf } from '@hastejs/tensor';
import type { GoldenCase } from '../runner/golden-case.js';
import { sitConfigOf } from '../runner/sit-config.js';

/** Arguments of the released samplers, with their defaults. */
const DEFAULTS = {
  num_steps: 0,
  heun: false,
  cfg_scale: 1,
  guidance_low: 0,
  guidance_high: 1,
  path_type: 'linear' as InterpolantName,
};
type Arguments = typeof DEFAULTS;
type Combo = readonly [name: string, sampler: string, given: Partial<Arguments>];

/** Where the released SDE sampler takes its deterministic last step. */
const LAST = 0.04;

/** Every combination of sampler, path and guidance that the config lists, from the same noise. */
export async function checkSamplers(golden: GoldenCase): Promise<void> {
  const student = makeSit(sitConfigOf(golden.config));
  const params = golden.weights();
  for (const [name, sampler, given] of golden.config['combos'] as readonly Combo[]) {
    const unknown = Object.keys(given).filter((key) => !(key in DEFAULTS));
    if (unknown.length > 0) throw new Error(`The combination '${name}' has unknown arguments: ${unknown.join(', ')}.`);
    const all = { ...DEFAULTS, num_steps: golden.config['num_steps'] as number, ...given };
    golden.expect(`out/${name}`, await sample(sampler, problem(golden, student, params, all), all));
  }
}

function sample(sampler: string, task: SamplingProblem, { num_steps, heun }: Arguments): Promise<Float64Array> {
  if (sampler === 'euler_maruyama_sampler') return sampleEulerMaruyama(task, num_steps, LAST);
  if (sampler !== 'euler_sampler') throw new Error(`There is no sampler called '${sampler}'.`);
  return heun ? sampleHeun(task, num_steps) : sampleEuler(task, num_steps);
}

function problem(golden: GoldenCase, student: Student, params: Params, given: Arguments): SamplingProblem {
  const start = golden.values('in/latents');
  return {
    start,
    noise: (k) => golden.values('in/noises').subarray(k * start.length, (k + 1) * start.length),
    path: (t) => pathCoefficients(given.path_type, t),
    guidance: { scale: given.cfg_scale, low: given.guidance_low, high: given.guidance_high },
    velocity: async (x, t, guided) => ({
      conditional: await velocity(golden, student, params, x, t, golden.values('in/y')),
      unconditional: guided ? await velocity(golden, student, params, x, t, null) : null,
    }),
  };
}

/** The student's velocity; without labels, that of the null class. */
async function velocity(
  golden: GoldenCase,
  student: Student,
  params: Params,
  x: Float64Array,
  t: number,
  labels: Float32Array | null,
): Promise<VelocityPair['conditional']> {
  return tf.tidy(() => {
    const shape = golden.shape('in/latents') as [number, number, number, number];
    const y = labels ?? new Array<number>(shape[0]).fill(student.spec.classes);
    const input = {
      x_BCHW: tf.tensor4d(Float32Array.from(x), shape),
      t_B: tf.fill([shape[0]], t) as Tensor1D,
      y_B: tf.tensor1d(Int32Array.from(y), 'int32'),
    };
    return student.forward(params, input, NO_TAPS).velocity_BCHW.dataSync() as never;
  });
}
