import { type Params, type Scalar, type Tensor, rng, tf, valueAndGrads } from '@hastejs/tensor';

interface Check {
  /** Half of the difference's width, in float32: small enough for curvature, large enough for rounding. */
  readonly step?: number;
  /** Allowed difference relative to the largest of both gradients and 1. */
  readonly tolerance?: number;
}

/**
 * Compares the gradient of f for every input with central differences along random directions: Σ gᵢ·uᵢ against
 * (f(x + h·u) − f(x − h·u)) / 2h, three directions an input.
 */
export function expectGradients(
  f: (inputs: Params) => Scalar,
  inputs: Params,
  { step = 1e-2, tolerance = 2e-3 }: Check = {},
): void {
  const { loss, grads } = valueAndGrads(() => ({ loss: f(inputs) }), inputs);
  for (const [name, input] of Object.entries(inputs)) {
    for (let direction = 0; direction < 3; direction++) {
      const [analytic, numeric] = slopes(f, inputs, name, grads[name]!, direction, step);
      const scale = Math.max(1, Math.abs(analytic), Math.abs(numeric));
      if (Math.abs(analytic - numeric) > tolerance * scale) {
        throw new Error(
          `Gradient for '${name}' [${input.shape.join(', ')}]: the op says ${analytic}, differences say ${numeric}.`,
        );
      }
    }
  }
  tf.dispose([loss, ...Object.values(grads)]);
}

function slopes(
  f: (inputs: Params) => Scalar,
  inputs: Params,
  name: string,
  gradient: Tensor,
  direction: number,
  step: number,
): [analytic: number, numeric: number] {
  return tf.tidy(() => {
    const input = inputs[name]!;
    const u = tf.tensor(rng(direction).stream(name).normal(input.size), input.shape);
    const at = (offset: number) => f({ ...inputs, [name]: tf.add(input, tf.mul(u, offset)) }).dataSync()[0]!;
    const analytic = tf.sum(tf.mul(gradient, u)).dataSync()[0]!;
    return [analytic, (at(step) - at(-step)) / (2 * step)] as never;
  });
}
