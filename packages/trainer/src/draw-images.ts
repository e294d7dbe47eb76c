import { type InterpolantName, pathCoefficients } from '@hastejs/diffusion';
import { type Guidance, NO_TAPS, type Sampler, type Student, type VelocityPair } from '@hastejs/plugin-api';
import { type Params, type Rng, type Tensor1D, tf } from '@hastejs/tensor';
import { turn } from './turn.js';

// B batch, C channels, H height, W width.

/** What images are drawn with. */
export interface Drawing {
  readonly student: Student;
  readonly sampler: Sampler;
  readonly params: Params;
  readonly guidance: Guidance;
  readonly rng: Rng;
  readonly path: InterpolantName;
}

export interface DrawOptions {
  /** Images integrated together; it does not change the noise they start from. */
  readonly batchSize?: number | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Draws an image for every label from noise that belongs to its index.
 * @returns pixels, uint8 [B, C, H, W]
 */
export async function drawImages(
  drawing: Drawing,
  labels_B: Int32Array,
  { batchSize = 64, onProgress }: DrawOptions = {},
): Promise<Uint8Array> {
  const { channels, height, width } = drawing.student.spec.input;
  const size = channels * height * width;
  const pixels = new Uint8Array(labels_B.length * size);
  const batches = Math.ceil(labels_B.length / batchSize);
  for (let batch = 0; batch < batches; batch++) {
    const first = batch * batchSize;
    const x = await drawBatch(drawing, labels_B.subarray(first, first + batchSize), first, (done, total) =>
      onProgress?.(batch * total + done, batches * total),
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
  await turn();
  return { conditional: values.subarray(0, x.length), unconditional: guided ? values.subarray(x.length) : null };
}
