/** Running mean and spread of the values of one window (Welford's method): plain data, exact through JSON. */
export type Window = {
  readonly count: number;
  readonly mean: number;
  /** Sum of squared deviations from the mean. */
  readonly squares: number;
};

export const EMPTY: Window = { count: 0, mean: 0, squares: 0 };

export function add({ count, mean, squares }: Window, value: number): Window {
  const delta = value - mean;
  const next = mean + delta / (count + 1);
  return { count: count + 1, mean: next, squares: squares + delta * (value - next) };
}

/** Standard error of the mean, for at least two values that do not depend on each other. */
export function standardError({ count, squares }: Window): number {
  return Math.sqrt(squares / (count - 1) / count);
}
