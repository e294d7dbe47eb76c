/** A point of a curve; `error` is half of a whisker's length. */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly error?: number;
}

/** Points that a plot of ordinary width can tell apart. */
const MOST_POINTS = 600;

/** Means over equal spans of x, so that a plot of a long run stays small. Points with errors are few and stay as they are. */
export function thinned(points: readonly Point[], most = MOST_POINTS): readonly Point[] {
  if (points.length <= most || points.some(({ error }) => error !== undefined)) return points;
  const size = Math.ceil(points.length / most);
  return Array.from({ length: Math.ceil(points.length / size) }, (_, bin) => {
    const own = points.slice(bin * size, (bin + 1) * size);
    return { x: own.at(-1)!.x, y: own.reduce((sum, { y }) => sum + y, 0) / own.length };
  });
}

/** The smallest and largest y, whiskers included, with some air; a flat curve gets a band of its own size. */
export function rangeOf(points: readonly Point[]): [low: number, high: number] {
  const low = Math.min(...points.map(({ y, error = 0 }) => y - error));
  const high = Math.max(...points.map(({ y, error = 0 }) => y + error));
  const air = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
  return [low - air, high + air];
}
