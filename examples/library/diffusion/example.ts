import { cpuBackend } from '@hastejs/backend-cpu';
import { pathCoefficients, sampleHeun } from '@hastejs/diffusion';
import { makeSit } from '@hastejs/models';
import { rng, tf } from '@hastejs/tensor';

await (await cpuBackend.create({}, {})).activate();
const input = { channels: 1, height: 8, width: 8 };
const size = { hiddenSize: 32, depth: 2, numHeads: 2, patchSize: 4, mlpRatio: 4, qkNorm: false };
const student = makeSit({ ...size, input, classes: 10 });
const params = student.init(rng(0)); // or paramsFromHost of what readSafetensors gives: a SiT that was trained

/** Any function of state and time can be sampled from; here it is the student's velocity of class 3. */
async function velocity(x: Float64Array, t: number) {
  const x_BCHW = tf.tensor4d(Float32Array.from(x), [1, 1, 8, 8]);
  const batch = { x_BCHW, t_B: tf.tensor1d([t]), y_B: tf.tensor1d([3], 'int32') };
  const v_BCHW = tf.tidy(() => student.forward(params, batch, { tokens: [], attention: [] }).velocity_BCHW);
  return { conditional: Float32Array.from(await v_BCHW.data()), unconditional: null };
}
const pixels = await sampleHeun(
  {
    start: rng(1).normal(64),
    velocity,
    path: (t) => pathCoefficients('linear', t),
    guidance: { scale: 1, low: 0, high: 1 },
    noise: (k) => rng(2).at(k).normal(64),
    onStep: (done, total) => process.stdout.write(`${done}/${total} `),
  },
  5,
);
console.log(pixels.length, pixels.every(Number.isFinite));
