/**
 * `intervals` equal steps from `from` to `to`, ends included. Counted from the nearer end, as torch.linspace does: where a
 * guidance interval ends exactly on a step, the last bit decides.
 */
export function timeSteps(from: number, to: number, intervals: number): Float64Array {
  const step = (to - from) / intervals;
  const half = Math.floor((intervals + 1) / 2);
  return Float64Array.from({ length: intervals + 1 }, (_, i) =>
    i < half ? from + step * i : to - step * (intervals - i),
  );
}
