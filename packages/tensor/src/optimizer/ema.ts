import { hasKernel, runKernel } from '../kernels.js';
import type { Params } from '../params.js';
import { type Tensor, tf } from '../tf.js';

/**
 * Moving average: ema·decay + params·(1 − decay), for every name in `ema`.
 * @param ema consumed.
 * @throws Error naming the first entry that `params` lacks.
 */
export function emaUpdate(ema: Params, params: Params, decay: number): Params {
  const names = Object.keys(ema);
  const current = names.map((name) => {
    const param = params[name];
    if (!param) throw new Error(`emaUpdate: there is no parameter named '${name}'.`);
    return param;
  });
  const averages = Object.values(ema);
  const next =
    names.length > 0 && hasKernel('HasteEma') ? fused(averages, current, decay) : reference(averages, current, decay);
  tf.dispose(averages);
  return Object.fromEntries(names.map((name, i) => [name, next[i]!]));
}

function fused(ema: readonly Tensor[], params: readonly Tensor[], decay: number): Tensor[] {
  return runKernel('HasteEma', { ema, params }, { decay });
}

function reference(ema: readonly Tensor[], params: readonly Tensor[], decay: number): Tensor[] {
  return ema.map((average, i) => tf.tidy(() => tf.add<Tensor>(tf.mul(average, decay), tf.mul(params[i]!, 1 - decay))));
}
