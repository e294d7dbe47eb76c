import { hasKernel, runKernel } from '../kernels.js';
import { type Params, mapParams } from '../params.js';
import { type Tensor, tf } from '../tf.js';

/**
 * Moving average: ema·decay + params·(1 − decay), for every name in `ema`.
 * @param ema consumed.
 * @throws Error naming the first entry that `params` lacks.
 */
export function emaUpdate(ema: Params, params: Params, decay: number): Params {
  return mapParams(ema, (average, name) => {
    const param = params[name];
    if (!param) throw new Error(`emaUpdate: there is no parameter named '${name}'.`);
    const next = hasKernel('HasteEma')
      ? runKernel('HasteEma', { ema: average, param }, { decay })[0]!
      : tf.tidy(() => tf.add<Tensor>(tf.mul(average, decay), tf.mul(param, 1 - decay)));
    average.dispose();
    return next;
  });
}
