import { type Params, type Tensor1D, tf } from '@hastejs/tensor';

/**
 * Cosine of the angle between two gradients, each the concatenation of the parameters named. In [−1, 1]; 0 when one of
 * them vanishes, since a zero gradient neither helps nor hinders. Reads three numbers back from the backend.
 */
export async function cosineBetween(a: Params, b: Params, names: readonly string[]): Promise<number> {
  const dot = (x: Params, y: Params) => tf.addN(names.map((name) => tf.sum(tf.mul(x[name]!, y[name]!))));
  const products = tf.tidy(() => tf.stack([dot(a, b), dot(a, a), dot(b, b)]) as Tensor1D);
  const [ab, aa, bb] = (await products.data()) as Float32Array;
  products.dispose();
  return aa! > 0 && bb! > 0 ? ab! / Math.sqrt(aa! * bb!) : 0;
}

/** Mean and its standard error over at least two values. */
export function meanAndError(values: readonly number[]): { mean: number; error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, error: Math.sqrt(variance / values.length) };
}
