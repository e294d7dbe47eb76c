import { type Params, type Scalar, type Tensor, rng, tf, valueAndGrads } from '@hastejs/tensor';
import { ContractFault } from '../contract/contract-fault.js';

export interface GradientCheckOptions {
  /** Half of the difference's width, relative to the root mean square of the input: large enough for float32's rounding. */
  readonly step?: number;
  /** Allowed error, relative to the norm of the gradient. */
  readonly tolerance?: number;
  /** Random directions tried for each input. */
  readonly directions?: number;
}

/** What float32 may do to a value of magnitude 1 in a computation of some depth. */
const ROUNDING = 1e-6;

/**
 * Compares the gradient of `f` for every input with central differences along random directions u ~ N(0, 1):
 * Σ g·u against (f(x + h·u) − f(x − h·u)) / 2h. Costs two evaluations a direction and one pass backwards.
 * @param f a float32 scalar computed from the inputs by TensorFlow.js ops. It may be called any number of times.
 * @param inputs float32 tensors by name. They are left as they are.
 * @throws ContractFault that names the input and gives both numbers.
 */
export function gradientCheck(
  f: (inputs: Params) => Scalar,
  inputs: Params,
  { step = 1e-2, tolerance = 2e-2, directions = 3 }: GradientCheckOptions = {},
): void {
  tf.tidy(() => {
    const { loss, grads } = valueAndGrads(() => ({ loss: f(inputs) }), inputs);
    const value = loss.dataSync()[0]!;
    for (const [name, input] of Object.entries(inputs)) {
      const gradient = grads[name] ?? tf.zerosLike(input);
      const h = step * Math.max(1e-3, rms(input));
      const norm = Math.sqrt(input.size) * rms(gradient);
      for (let direction = 0; direction < directions; direction++) {
        const u = tf.tensor(rng(direction).stream(name).normal(input.size), input.shape);
        const analytic = tf.sum(tf.mul(gradient, u)).dataSync()[0]!;
        const numeric = difference((x) => f({ ...inputs, [name]: x }), input, u, h);
        const allowed =
          tolerance * Math.max(norm, Math.abs(numeric)) + (ROUNDING * Math.max(1e-3, Math.abs(value))) / h;
        // Written so that NaN is refused.
        if (!(Math.abs(analytic - numeric) <= allowed)) throw wrong(name, input, analytic, numeric, !grads[name]);
      }
    }
  });
}

function difference(f: (x: Tensor) => Scalar, input: Tensor, u: Tensor, h: number): number {
  return tf.tidy(() => {
    const at = (offset: number) => f(tf.add(input, tf.mul(u, offset))).dataSync()[0]!;
    return [(at(h) - at(-h)) / (2 * h)] as never;
  })[0]!;
}

function rms(x: Tensor): number {
  return tf.tidy(() => [Math.sqrt(tf.mean(tf.square(x)).dataSync()[0]!)] as never)[0]!;
}

function wrong(name: string, { shape }: Tensor, analytic: number, numeric: number, absent: boolean): ContractFault {
  const says = absent ? 'is absent, as if nothing depended on it' : `says ${analytic.toPrecision(6)}`;
  return new ContractFault({
    what: `The gradient for ${name} [${shape.join(', ')}] ${says}; finite differences say ${numeric.toPrecision(6)}.`,
    fix: 'Compute from the input by TensorFlow.js ops alone, without reading values; check customGrad functions, and tf.clone or dataSync on the way.',
  });
}
