import { type Scalar, tf } from './tf.js';

/** A number of a step: a function of its 0-based index. */
export type StepNumber = (step: number) => number;

/**
 * The step that is being taken, for what depends on it: a learning rate, a bias correction, a weight that rises. Code that
 * takes its numbers from `scalar` is the same for every step but for the values of a few tensors, and a backend that can may
 * repeat it without JavaScript; reading `step` rules that out.
 */
export class StepClock {
  private readonly made: { readonly number: StepNumber; readonly tensor: Scalar }[] = [];
  private read = false;

  constructor(private readonly index: number) {}

  /** 0-based. */
  get step(): number {
    this.read = true;
    return this.index;
  }

  /** Whether somebody asked for `step`. */
  get wasRead(): boolean {
    return this.read;
  }

  /** f(step) as a float32 scalar on the backend. The clock's own: it lives until the clock is disposed of. */
  scalar(number: StepNumber): Scalar {
    const tensor = tf.keep(tf.scalar(number(this.index)));
    this.made.push({ number, tensor });
    return tensor;
  }

  /** What `scalar` was asked for, in order. */
  get numbers(): readonly StepNumber[] {
    return this.made.map(({ number }) => number);
  }

  /** What `scalar` gave, in order. */
  get scalars(): readonly Scalar[] {
    return this.made.map(({ tensor }) => tensor);
  }

  dispose(): void {
    tf.dispose(this.scalars as Scalar[]);
    this.made.length = 0;
  }
}
