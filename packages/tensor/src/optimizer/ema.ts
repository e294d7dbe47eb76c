import { type Params, mapParams } from '../params.js';
import { tf } from '../tf.js';

/**
 * Moving average: ema·decay + params·(1 − decay), for every name in `ema`.
 * @param ema consumed.
 * @throws Error naming the first entry that `params` lacks.
 */
export function emaUpdate(ema: Params, params: Params, decay: number): Params {
  return mapParams(ema, (average, name) => {
    const param = params[name];
    if (!param) throw new Error(`emaUpdate: there is no parameter named '${name}'.`);
    const next = tf.tidy(() => tf.add(tf.mul(average, decay), tf.mul(param, 1 - decay)));
    average.dispose();
    return next;
  });
}
