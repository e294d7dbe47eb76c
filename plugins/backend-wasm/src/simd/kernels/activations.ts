import { type Vec, add, at, mul } from '../expressions.js';
import type { FunctionBuilder } from '../function.js';
import { normal, sigmoid } from '../math.js';
import type { ModuleBuilder } from '../module.js';

/** Value and slope of an activation. */
type Activation = (f: FunctionBuilder, x: Vec) => { value: Vec; slope(): Vec };

const CUBIC = 0.044715;
const TWICE_ROOT = 2 * Math.sqrt(2 / Math.PI);

const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  silu: (f, x) => {
    const s = sigmoid(f, x);
    return { value: mul(x, s.value), slope: () => add(s.value, mul(x, s.slope)) };
  },
  // ½·(1 + tanh u) = sigmoid(2u), so the tanh form costs one exponential.
  geluTanh: (f, x) => {
    const x2 = f.value(mul(x, x));
    const s = sigmoid(f, f.value(mul(mul(x, add(mul(x2, CUBIC), 1)), TWICE_ROOT)));
    const inner = mul(add(mul(x2, 3 * CUBIC), 1), TWICE_ROOT);
    return { value: mul(x, s.value), slope: () => add(s.value, mul(mul(x, s.slope), inner)) };
  },
  geluErf: (f, x) => {
    const { cumulative, density } = normal(f, x);
    return { value: mul(x, cumulative), slope: () => add(cumulative, mul(x, density)) };
  },
};

/** `silu`, `geluTanh`, `geluErf`: (x, y, n); with `Grad`: (x, dy, dx, n). */
export function defineActivations(module: ModuleBuilder): void {
  for (const [name, activation] of Object.entries(ACTIVATIONS)) {
    module.define(name, ['i32', 'i32', 'i32'], (f, x, y, n) => {
      f.forVectors(n, (i, lanes) => {
        lanes.store(at(y, i), activation(f, f.value(lanes.load(at(x, i)))).value);
      });
    });
    module.define(`${name}Grad`, ['i32', 'i32', 'i32', 'i32'], (f, x, dy, dx, n) => {
      f.forVectors(n, (i, lanes) => {
        const { slope } = activation(f, f.value(lanes.load(at(x, i))));
        lanes.store(at(dx, i), mul(lanes.load(at(dy, i)), slope()));
      });
    });
  }
}
