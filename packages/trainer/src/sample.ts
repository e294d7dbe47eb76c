import type { Host } from '@hastejs/core';
import { pathCoefficients } from '@hastejs/diffusion';
import {
  type Guidance,
  HasteError,
  type ImageShape,
  NO_TAPS,
  type Ref,
  type Sampler,
  Services,
  type Student,
  type VelocityPair,
} from '@hastejs/plugin-api';
import { type Params, type Rng, type Tensor1D, disposeParams, omitParams, rng as makeRng, tf } from '@hastejs/tensor';
import { chooseCheckpoint } from './checkpoint/choose.js';
import { loadTensors } from './checkpoint/load.js';

// B batch, C channels, H height, W width.

export interface SampleOptions {
  readonly host: Host;
  /** A run folder (its newest checkpoint) or a checkpoint folder. */
  readonly checkpoint: string;
  /** Class indices; default all. */
  readonly classes?: readonly number[];
  readonly perClass?: number;
  readonly sampler?: Ref<'sampler'>;
  readonly guidance?: Partial<Guidance>;
  readonly seed?: number;
  /** The moving average (default), or the parameters as trained. */
  readonly weights?: 'ema' | 'raw';
  /** Images integrated together; it does not change the noise they start from. */
  readonly batchSize?: number;
  readonly backend?: Ref<'backend'> | string;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Samples {
  /** Pixels, uint8 [B, C, H, W]; class by class. */
  readonly images_BCHW: Uint8Array;
  readonly labels_B: Int32Array;
  readonly shape: ImageShape;
  readonly classes: readonly string[];
}

/** Draws images by class from a checkpoint (METHOD section 5). The same seed gives the same images. */
export async function sampleImages(options: SampleOptions): Promise<Samples> {
  const { host } = options;
  const { path, runFile } = await chooseCheckpoint(options.checkpoint);
  const recipe = host.resolve(runFile.recipe);
  const run = host.openRun(recipe, runFile.baseDir);
  try {
    await host.selectBackend(options.backend ?? runFile.backend.name);
    run.provide(Services.data, runFile.dataSpec);
    const student = await run.create(recipe.student);
    const sampler = await run.create(options.sampler ?? recipe.sampling.sampler);
    const params = await sampledParams(path, options.weights ?? 'ema');
    const labels_B = labelsOf(options, student, recipe.sampling.perClass);
    const guidance = { ...recipe.sampling.guidance, ...options.guidance };
    const seed = makeRng(options.seed ?? recipe.sampling.seed);
    try {
      const images_BCHW = await drawAll(
        { student, sampler, params, guidance, rng: seed, path: recipe.path },
        labels_B,
        options,
      );
      return { images_BCHW, labels_B, shape: student.spec.input, classes: runFile.dataSpec.classes };
    } finally {
      disposeParams(params);
    }
  } finally {
    await run.close();
  }
}

interface Drawing {
  readonly student: Student;
  readonly sampler: Sampler;
  readonly params: Params;
  readonly guidance: Guidance;
  readonly rng: Rng;
  readonly path: 'linear' | 'cosine';
}

async function drawAll(drawing: Drawing, labels_B: Int32Array, options: SampleOptions): Promise<Uint8Array> {
  const { channels, height, width } = drawing.student.spec.input;
  const size = channels * height * width;
  const batchSize = options.batchSize ?? 64;
  const pixels = new Uint8Array(labels_B.length * size);
  const batches = Math.ceil(labels_B.length / batchSize);
  for (let batch = 0; batch < batches; batch++) {
    const first = batch * batchSize;
    const x = await drawBatch(drawing, labels_B.subarray(first, first + batchSize), first, (done, total) =>
      options.onProgress?.(batch * total + done, batches * total),
    );
    pixels.set(
      x.map((value) => Math.min(255, Math.max(0, Math.round((value + 1) * 127.5)))),
      first * size,
    );
  }
  return pixels;
}

/** Noise belongs to the image's index, not to its batch, so that batching changes nothing. */
async function drawBatch(
  { student, sampler, params, guidance, rng, path }: Drawing,
  labels_B: Int32Array,
  first: number,
  onStep: (done: number, total: number) => void,
): Promise<Float64Array> {
  const { channels, height, width } = student.spec.input;
  const size = channels * height * width;
  const noise = (stream: string, ...position: number[]): Float32Array => {
    const all = new Float32Array(labels_B.length * size);
    labels_B.forEach((_, i) =>
      all.set(
        rng
          .stream(stream)
          .at(first + i, ...position)
          .normal(size),
        i * size,
      ),
    );
    return all;
  };
  return sampler.sample({
    start: noise('sample'),
    noise: (k) => noise('sample-noise', k),
    path: (t) => pathCoefficients(path, t),
    guidance,
    onStep,
    velocity: (x, t, guided) => velocityAt(student, params, labels_B, x, t, guided),
  });
}

/** With guidance, conditional and unconditional halves run as one batch of 2B. */
async function velocityAt(
  student: Student,
  params: Params,
  labels_B: Int32Array,
  x: Float64Array,
  t: number,
  guided: boolean,
): Promise<VelocityPair> {
  const { classes, input } = student.spec;
  const B = labels_B.length;
  const copies = guided ? 2 : 1;
  const labels = new Int32Array(copies * B).fill(classes);
  labels.set(labels_B);
  const velocity = tf.tidy(() => {
    const once_BCHW = tf.tensor4d(Float32Array.from(x), [B, input.channels, input.height, input.width]);
    const x_BCHW = guided ? tf.concat([once_BCHW, once_BCHW], 0) : once_BCHW;
    const t_B = tf.fill([copies * B], t) as Tensor1D;
    return student.forward(params, { x_BCHW, t_B, y_B: tf.tensor1d(labels, 'int32') }, NO_TAPS).velocity_BCHW;
  });
  const values = (await velocity.data()) as Float32Array;
  velocity.dispose();
  return { conditional: values.subarray(0, x.length), unconditional: guided ? values.subarray(x.length) : null };
}

/** The EMA holds trainable parameters only; frozen tables come from the raw ones. */
async function sampledParams(path: string, which: 'ema' | 'raw'): Promise<Params> {
  const { params, ema, alignment, optimizer } = await loadTensors(path);
  for (const unused of [alignment, ...Object.values(optimizer)]) disposeParams(unused);
  if (which === 'raw') {
    disposeParams(ema);
    return params;
  }
  const averaged = Object.keys(ema);
  disposeParams(Object.fromEntries(averaged.map((name) => [name, params[name]!])));
  return { ...omitParams(params, averaged), ...ema };
}

function labelsOf({ classes, perClass }: SampleOptions, { spec }: Student, each: number): Int32Array {
  const chosen = classes ?? Array.from({ length: spec.classes }, (_, index) => index);
  const wrong = chosen.find((index) => !Number.isInteger(index) || index < 0 || index >= spec.classes);
  if (wrong !== undefined) {
    throw new HasteError('USAGE', {
      what: `There is no class ${wrong}: the model knows classes 0 to ${spec.classes - 1}.`,
      where: 'classes',
      fix: 'Name classes that the model was trained on.',
    });
  }
  return Int32Array.from(chosen.flatMap((index) => Array<number>(perClass ?? each).fill(index)));
}
