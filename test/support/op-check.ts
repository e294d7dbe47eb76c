import { type Params, type Scalar, type Tensor, rng, tf, valueAndGrads } from '@hastejs/tensor';
import { expectNoLeaks } from './leaks.js';

/** Input values by name, flat, in float64. */
export type Values = Readonly<Record<string, Float64Array>>;

interface OpCheck {
  /** Tensors by name; the gradients of all of them are checked. The caller disposes them. */
  readonly inputs: Params;
  readonly op: (inputs: Params) => Tensor;
  /** The same mathematics in plain float64, written down independently of the op. */
  readonly reference: (values: Values) => readonly number[];
  /** Allowed difference relative to the largest magnitude of the values (and of the gradients), at least 1. */
  readonly tolerance?: number;
}

/**
 * Holds an op against its float64 reference: values, gradients (by central differences of the reference, accurate to
 * about 1e-9) under random output weights, and that neither pass leaks a tensor.
 */
export function expectOp({ inputs, op, reference, tolerance = 2e-6 }: OpCheck): void {
  const values = Object.fromEntries(Object.entries(inputs).map(([name, t]) => [name, Float64Array.from(t.dataSync())]));
  const expected = reference(values);
  const weights = rng(7).normal(expected.length);

  expectNoLeaks(() => {
    const y = op(inputs);
    expectClose(y, expected, tolerance, 'value');
    return y;
  });
  expectNoLeaks(() => {
    const { loss, grads } = valueAndGrads(() => {
      const y = op(inputs);
      return { loss: tf.sum(tf.mul(y, tf.tensor(weights, y.shape))) as Scalar };
    }, inputs);
    for (const [name, input] of Object.entries(inputs)) {
      if (!grads[name]) throw new Error(`There is no gradient for '${name}' [${input.shape.join(', ')}].`);
      expectClose(grads[name], differences(reference, values, name, weights), tolerance, `gradient of ${name}`);
    }
    return [loss, ...Object.values(grads)];
  });
}

/** ∂(weights · reference)/∂values[name], element by element. */
function differences(reference: OpCheck['reference'], values: Values, name: string, weights: Float32Array): number[] {
  const x = values[name]!;
  const weighted = (): number => reference(values).reduce((sum, y, i) => sum + y * weights[i]!, 0);
  return Array.from(x, (value, i) => {
    const step = 1e-5 * Math.max(1, Math.abs(value));
    x[i] = value + step;
    const above = weighted();
    x[i] = value - step;
    const below = weighted();
    x[i] = value;
    return (above - below) / (2 * step);
  });
}

/** Element-wise comparison, relative to the largest expected magnitude, at least 1. */
export function expectClose(actual: Tensor, expected: ArrayLike<number>, tolerance: number, what = 'value'): void {
  const data = actual.dataSync();
  if (data.length !== expected.length)
    throw new Error(`${what}: ${data.length} elements instead of ${expected.length}.`);
  const magnitude = Array.from(expected).reduce((max, value) => Math.max(max, Math.abs(value)), 1);
  for (let i = 0; i < data.length; i++) {
    if (Math.abs(data[i]! - expected[i]!) <= tolerance * magnitude) continue;
    throw new Error(`${what}: element ${i} is ${data[i]}, expected ${expected[i]} (of magnitude ${magnitude}).`);
  }
}

/** A reproducible standard normal tensor. */
export function randomInput(name: string, shape: readonly number[], scale = 1): Tensor {
  const values = rng(1)
    .stream(name)
    .normal(tf.util.sizeFromShape([...shape]));
  return tf.tensor(
    values.map((value) => value * scale),
    [...shape],
  );
}
