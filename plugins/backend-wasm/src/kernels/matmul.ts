// C [M, N] = op(A)·op(B).
import { type TensorInfo, tf } from '@hastejs/tensor';
import { type Heap, sizeOf } from '../heap.js';
import type { Replacement } from './register.js';

/** Panels of eight columns of B are packed until they fill this many floats: half a megabyte stays in a second-level cache. */
const BLOCK = 2 ** 17;
const PANEL = 8;

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

/** One product, block by block of B's columns. No operand is copied as a whole, whichever way it is stored. */
export function multiply(heap: Heap, product: Product): void {
  const { M, N, K } = product;
  const tileOfA = 6 * K;
  const blockOfB = K * Math.min(Math.max(PANEL, columnsPerBlock(K)), N + PANEL);
  if (M * N > 0) heap.withScratch(tileOfA + blockOfB, (scratch) => multiplyIn(heap, product, scratch));
}

const columnsPerBlock = (K: number): number => Math.floor(BLOCK / (PANEL * Math.max(1, K))) * PANEL;

function multiplyIn({ simd }: Heap, p: Product, scratch: number): void {
  const { a, b, c, bias = 0, M, N, K, transposeA, transposeB } = p;
  const gemm = transposeA ? simd.gemmGathered : simd.gemm;
  const lda = transposeA ? M : K;
  const packed = scratch + 4 * 6 * K;
  const whole = Math.floor(N / PANEL) * PANEL;
  const perBlock = Math.max(PANEL, columnsPerBlock(K));
  for (let n = 0; n < whole; n += perBlock) {
    const columns = Math.min(perBlock, whole - n);
    if (!transposeB) simd.packPanels(b + 4 * n, packed, columns / PANEL, K, N);
    for (let i = 0; transposeB && i < columns; i += PANEL) {
      simd.transpose(b + 4 * (n + i) * K, packed + 4 * i * K, PANEL, K, K, PANEL, 1);
    }
    gemm(a, packed, c + 4 * n, M, columns, K, lda, PANEL, N, K, bias && bias + 4 * n, 0, scratch);
  }
  const rest = N - whole;
  if (rest === 0) return;
  if (transposeB) simd.transpose(b + 4 * whole * K, packed, rest, K, K, rest, 1);
  const [from, ldb] = transposeB ? [packed, rest] : [b + 4 * whole, N];
  gemm(a, from, c + 4 * whole, M, rest, K, lda, ldb, N, 1, bias && bias + 4 * whole, 0, scratch);
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
