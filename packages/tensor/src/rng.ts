export interface Rng {
  readonly seed: number;
  /** An independent stream under a name: noise, time, labels, data order. */
  stream(name: string): Rng;
  /** The stream's state at a position, such as (step) or (step, rank). */
  at(...position: readonly number[]): Rng;
  /** n floats in [0, 1). */
  uniform(n: number): Float32Array;
  /** n standard normal floats. */
  normal(n: number): Float32Array;
  /** n integers in [0, bound). */
  integers(n: number, bound: number): Int32Array;
  /** The numbers 0 … n−1 in random order. */
  permutation(n: number): Int32Array;
}
