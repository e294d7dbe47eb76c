import { type Tensor, tf } from '@hastejs/tensor';

/** What is wrong with `actual`, in one line; null when it is within the tolerance everywhere. */
export function describeDifference(
  actual: Tensor | ArrayLike<number>,
  expected: ArrayLike<number>,
  shape: readonly number[],
  tolerance: number,
  exclude: readonly [from: number, to: number] | null,
): string | null {
  const fault = shapeFault(actual, shape);
  if (fault) return fault;
  const values = actual instanceof tf.Tensor ? actual.dataSync() : actual;
  const row = expected.length / (shape[0] ?? 1);
  let [worst, at] = [-1, -1];
  for (let i = 0; i < expected.length; i++) {
    if (exclude && i >= exclude[0] * row && i < exclude[1] * row) continue;
    const error = Math.abs(values[i]! - expected[i]!);
    if (error <= worst) continue;
    // NaN compares as neither larger nor smaller: it is the worst there is.
    [worst, at] = [Number.isNaN(error) ? Infinity : error, i];
  }
  if (worst <= tolerance) return null;
  return `off by ${worst.toExponential(2)} at ${at} (${values[at]} instead of ${expected[at]}), allowed ${tolerance}`;
}

function shapeFault(actual: Tensor | ArrayLike<number>, shape: readonly number[]): string | null {
  const size = shape.reduce((product, n) => product * n, 1);
  if (!(actual instanceof tf.Tensor)) {
    return actual.length === size ? null : `${actual.length} numbers instead of ${size}`;
  }
  // The golden files store scalars as [1].
  const same = tf.util.arraysEqual(actual.shape, [...shape]) || (actual.rank === 0 && size === 1);
  return same ? null : `shape [${actual.shape.join(', ')}] instead of [${shape.join(', ')}]`;
}
