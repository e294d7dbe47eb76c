import { tf } from '@hastejs/tensor';
import { type Heap, sizeOf } from '../heap.js';
import type { Replacement } from './register.js';

/** sums [G, D] = Σ over R of x [G, R, D]. Threads share the groups, or the columns of a single one. */
export function sumRows(heap: Heap, x: number, sums: number, [G, R, D]: readonly [number, number, number]): void {
  const work = G * R * D;
  if (G > 1) {
    heap.parallel('sumRows', [G, 1, work], (from, to) => [
      x + 4 * from * R * D,
      sums + 4 * from * D,
      to - from,
      R,
      D,
      D,
    ]);
  } else {
    heap.parallel('sumRows', [D, 16, work], (from, to) => [x + 4 * from, sums + 4 * from, 1, R, D, to - from]);
  }
}

/**
 * Sums over leading or middle axes that lie together, [G, R, D] → [G, D]: bias gradients, means over tokens. Stock
 * transposes the whole tensor first. Sums over the last axes stay with it.
 */
export const sum =
  (heap: Heap): Replacement<tf.SumAttrs> =>
  ({ x }, { axis, keepDims }) => {
    const shape = x!.shape;
    const axes = tf.util.parseAxisParam(axis, shape).toSorted((a, b) => a - b);
    const [first, last] = [axes[0], axes.at(-1)];
    if (x!.dtype !== 'float32' || first === undefined || last! - first !== axes.length - 1) return undefined;
    const [G, R, D] = [shape.slice(0, first), shape.slice(first, last! + 1), shape.slice(last! + 1)].map(sizeOf);
    if (D === 1) return undefined;
    const kept = shape.map((size, i) => (axes.includes(i) ? 1 : size));
    const out = heap.make(keepDims ? kept : shape.filter((_, i) => !axes.includes(i)));
    sumRows(heap, heap.address(x!), heap.address(out), [G!, R!, D!]);
    return out;
  };
