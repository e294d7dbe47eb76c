// C [M, N] = op(A)·op(B).
import { type TensorInfo, tf } from '@hastejs/tensor';
import { type Heap, sizeOf } from '../heap.js';
import { PANEL } from '../simd/kernels/matmul.js';
import type { Replacement } from './register.js';

/** Panels of eight columns of B are packed until they fill this many floats: half a megabyte stays in a second-level cache. */
const BLOCK = 2 ** 17;
/** Rows of A in one tile. */
const TILE_ROWS = 6;

export interface Product {
  /** Addresses; bias is [N], or 0 for none. */
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly bias?: number;
  readonly M: number;
  readonly N: number;
  readonly K: number;
  /** A is stored as [K, M]. */
  readonly transposeA?: boolean;
  /** B is stored as [N, K]. */
  readonly transposeB?: boolean;
}

/** One product. No operand is copied as a whole, whichever way it is stored; threads share its columns. */
export function multiply(heap: Heap, product: Product): void {
  const { a, b, c, bias = 0, M, N, K, transposeA = false, transposeB = false } = product;
  if (M * N === 0) return;
  const [lda, ldb] = [transposeA ? M : K, transposeB ? K : N];
  const block = Math.max(PANEL, Math.min(Math.floor(BLOCK / (PANEL * Math.max(1, K))), Math.ceil(N / PANEL)) * PANEL);
  const scratchSize = K * (TILE_ROWS + block);
  heap.withScratch(scratchSize * heap.calls, (scratch) => {
    heap.parallel('matmul', [N, PANEL, (M * N * K) / 16], (from, to, call) => [
      a,
      b + 4 * from * (transposeB ? ldb : 1),
      c + 4 * from,
      bias && bias + 4 * from,
      ...[M, to - from, K, lda, ldb, N, Number(transposeA), Number(transposeB), block],
      scratch + 4 * call * scratchSize,
    ]);
  });
}

/**
 * Stock: fast for one product without transposes (34 GFLOP/s), 2.6 GFLOP/s with B transposed, 0.8 with A transposed, 2.3 for
 * batches; every gradient is one of those. It is also wrong where both sides broadcast, and where K is 0.
 */
export const batchMatMul =
  (heap: Heap): Replacement<tf.BatchMatMulAttrs> =>
  ({ a, b }, { transposeA, transposeB }) => {
    const [left, right] = [matrixOf(a!, transposeA), matrixOf(b!, transposeB)];
    const [M, K, N] = [left.rows, left.columns, right.columns];
    if (a!.dtype !== 'float32' || b!.dtype !== 'float32' || K !== right.rows) return undefined;
    const outer = tf.broadcast_util.assertAndGetBroadcastShape(left.outer, right.outer);
    const out = heap.make([...outer, M, N]);
    const [atA, atB, atC] = [heap.address(a!), heap.address(b!), heap.address(out)];
    // Batches that share one B are one tall product.
    const tall = sizeOf(right.outer) === 1 && !transposeA;
    const [batches, rows] = tall ? [1, sizeOf(outer) * M] : [sizeOf(outer), M];
    for (let i = 0; i < batches; i++) {
      const [ofA, ofB] = [batchOf(i, outer, left.outer), batchOf(i, outer, right.outer)];
      const places = { a: atA + 4 * ofA * M * K, b: atB + 4 * ofB * K * N, c: atC + 4 * i * M * N };
      multiply(heap, { ...places, M: rows, N, K, transposeA, transposeB });
    }
    return out;
  };

function matrixOf({ shape }: TensorInfo, transposed: boolean) {
  const [first, second] = shape.slice(-2) as [number, number];
  const [rows, columns] = transposed ? [second, first] : [first, second];
  return { outer: shape.slice(0, -2), rows, columns };
}

/** Which batch of an operand serves batch i of the result: axes of length 1, and missing ones, repeat. */
function batchOf(i: number, outer: readonly number[], own: readonly number[]): number {
  let [rest, batch, stride] = [i, 0, 1];
  for (let axis = 1; axis <= own.length; axis++) {
    const [length, ownLength] = [outer.at(-axis)!, own.at(-axis)!];
    if (ownLength > 1) batch += (rest % length) * stride;
    rest = Math.floor(rest / length);
    stride *= ownLength;
  }
  return batch;
}
