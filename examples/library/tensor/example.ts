import { cpuBackend } from '@hastejs/backend-cpu';
import {
  type Params,
  type Scalar,
  adamwUpdate,
  linear,
  mapParams,
  normalTensor,
  rng,
  tf,
  valueAndGrads,
} from '@hastejs/tensor';

await (await cpuBackend.create({}, {})).activate();
const x = normalTensor(rng(0), [64, 3]);
const y = tf.matMul(x, tf.tensor2d([1, -2, 3], [3, 1]));

let params: Params = { weight: tf.zeros([1, 3]) };
let [m, v] = [mapParams(params, tf.zerosLike), mapParams(params, tf.zerosLike)];
const rates = { lr: tf.scalar(0.1), beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0 };
for (let step = 1; step <= 200; step++) {
  const error = () => ({ loss: tf.mean<Scalar>(tf.square(tf.sub(y, linear(x, params['weight']!)))) });
  const { grads } = valueAndGrads(error, params);
  ({ params, m, v } = adamwUpdate({ params, grads, m, v, ...rates, count: tf.scalar(step) }));
}
console.log(Array.from(await params['weight']!.data(), (value) => value.toFixed(2)));
