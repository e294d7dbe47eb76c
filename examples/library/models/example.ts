import { cpuBackend } from '@hastejs/backend-cpu';
import { makeSit } from '@hastejs/models';
import { countParams, normalTensor, rng, tf, type Tensor4D } from '@hastejs/tensor';

await (await cpuBackend.create({}, {})).activate();
const input = { channels: 1, height: 8, width: 8 };
const size = { hiddenSize: 32, depth: 2, numHeads: 2, patchSize: 4, mlpRatio: 4, qkNorm: false };
const student = makeSit({ ...size, input, classes: 10 });
const params = student.init(rng(0));
console.log(`${countParams(params)} parameters under the names of the released code`);

// Tokens of block 0, and queries and keys of block 1, besides the velocity.
const x_BCHW = normalTensor(rng(1), [2, 1, 8, 8]) as Tensor4D;
const batch = { x_BCHW, t_B: tf.tensor1d([0.2, 0.8]), y_B: tf.tensor1d([3, 7], 'int32') };
const { velocity_BCHW, taps } = student.forward(params, batch, { tokens: [0], attention: [1] });
console.log(velocity_BCHW.shape, taps.tokens.get(0)?.shape, taps.attention.get(1)?.q_BHTd.shape);
