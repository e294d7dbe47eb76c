import { type Tensor, rng, tf } from '@hastejs/tensor';

/** `[2, 6, 16]` */
export const formatShape = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

export const sameShape = (a: readonly number[], b: readonly number[]): boolean => a.join() === b.join();

/** Whether all values are finite numbers. */
export function isFiniteTensor(tensor: Tensor): boolean {
  return tensor.dataSync().every(Number.isFinite);
}

/** Largest |a − b| relative to the largest |b|, at least 1e-6; Infinity where a value is not finite or the shapes differ. */
export function relativeDistance(a: Tensor, b: Tensor): number {
  if (!sameShape(a.shape, b.shape)) return Infinity;
  return dataDistance(a.dataSync(), b.dataSync());
}

export function dataDistance(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let [largest, distance] = [1e-6, 0];
  for (let i = 0; i < y.length; i++) {
    largest = Math.max(largest, Math.abs(y[i]!));
    distance = Math.max(distance, Math.abs(x[i]! - y[i]!));
    if (!Number.isFinite(x[i]!) || !Number.isFinite(y[i]!)) return Infinity;
  }
  return distance / largest;
}

/** A reproducible standard normal tensor. */
export function normalInput(name: string, shape: readonly number[], scale = 1): Tensor {
  const values = rng(1)
    .stream(name)
    .normal(shape.reduce((size, n) => size * n, 1));
  return tf.tensor(
    values.map((value) => value * scale),
    [...shape],
  );
}
