import { type Tensor, tf } from '../tf.js';
import type { Rng } from './rng.js';

/** Standard normal float32 tensor. The same numbers on every backend. */
export function normalTensor(rng: Rng, shape: readonly number[]): Tensor {
  return tf.tensor(rng.normal(tf.util.sizeFromShape([...shape])), [...shape]);
}

/** Uniform float32 tensor in [low, high). The same numbers on every backend. */
export function uniformTensor(rng: Rng, shape: readonly number[], low: number, high: number): Tensor {
  const values = rng.uniform(tf.util.sizeFromShape([...shape]));
  return tf.tensor(
    values.map((u) => low + u * (high - low)),
    [...shape],
  );
}
