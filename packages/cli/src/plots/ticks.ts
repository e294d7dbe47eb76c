/** Round numbers within a range, the fewest that are at least `few` apart by 1, 2 or 5 times a power of ten. */
export function ticksOf(low: number, high: number, few = 4): number[] {
  const rough = (high - low) / few;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].findLast((factor) => factor * power <= rough) ?? 1);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step);
}

/** The tick without the rounding that made it: 0.3, not 0.30000000000000004. Steps are told apart by thousands. */
export function tickLabel(value: number): string {
  const short = Number(value.toPrecision(6));
  return Math.abs(short) >= 1e4 ? short.toLocaleString('en-US') : String(short);
}
