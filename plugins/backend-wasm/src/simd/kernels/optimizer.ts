import { add, add64, at, div, mul, mul64, promoteLow, shuffle, sqrt, sub, sum64, vec } from '../expressions.js';
import type { ModuleBuilder } from '../module.js';

const P = 'i32';
const F = 'f32';

/** AdamW, moving average and norm, each in one walk over the parameters. */
export function defineOptimizer(module: ModuleBuilder): void {
  // (param, grad, m, v, newParam, newM, newV, n, keep = 1 − lr·decay, 1 − β₁, β₂, 1 − β₂, lr/correction₁, √correction₂, eps)
  const adamw = [P, P, P, P, P, P, P, P, F, F, F, F, F, F, F] as const;
  module.define(
    'adamw',
    adamw,
    (f, param, grad, m, v, param1, m1, v1, n, keep, rate1, beta2, rate2, lr, root2, eps) => {
      f.forVectors(n, (i, lanes) => {
        const g = f.value(lanes.load(at(grad, i)));
        const old = f.value(lanes.load(at(m, i)));
        const nextM = f.value(add(old, mul(sub(g, old), rate1)));
        const nextV = f.value(add(mul(lanes.load(at(v, i)), beta2), mul(mul(g, g), rate2)));
        const denominator = add(div(sqrt(nextV), root2), eps);
        lanes.store(at(m1, i), nextM);
        lanes.store(at(v1, i), nextV);
        lanes.store(at(param1, i), sub(mul(lanes.load(at(param, i)), keep), mul(div(nextM, denominator), lr)));
      });
    },
  );

  // (average, param, out, n, decay, 1 − decay)
  module.define('ema', [P, P, P, P, F, F], (f, average, param, out, n, decay, rate) => {
    f.forVectors(n, (i, lanes) => {
      lanes.store(at(out, i), add(mul(lanes.load(at(average, i)), decay), mul(lanes.load(at(param, i)), rate)));
    });
  });

  // (x, out, n): Σ x², summed in double precision
  module.define('sumOfSquares', [P, P, P], (f, x, out, n) => {
    const total = f.variable(vec(0));
    f.forVectors(n, (i, lanes) => {
      const value = f.value(lanes.only(lanes.load(at(x, i))));
      const [low, high] = [f.value(promoteLow(value)), f.value(promoteLow(shuffle(value, value, [2, 3, 2, 3])))];
      f.set(total, add64(total, add64(mul64(low, low), mul64(high, high))));
    });
    f.storeFloat(out, sum64(total));
  });
}
