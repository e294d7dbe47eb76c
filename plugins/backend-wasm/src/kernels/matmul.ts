// C [M, N] = op(A)·op(B).
import { type TensorInfo, tf } from '@hastejs/tensor';
import { type Heap, sizeOf } from '../heap.js';
import { type Replacement } from './register.js';

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
 * batches; every gradient is one of those.
 */
export const batchMatMul =
  (heap: Heap): Replacement<tf.BatchMatMulAttrs> =>
  ({ a, b }, { transposeA, transposeB }) => {
    const product = batched(a!, b!, transposeA, transposeB);
    if (!product) return undefined;
    const { M, N, K, batches, stepA, stepB } = product;
    const out = heap.make([...product.outer, M, N]);
    const [atA, atB, atC] = [a!, b!, out].map((tensor) => heap.address(tensor)) as [number, number, number];
    for (let i = 0; i < batches; i++) {
      const places = { a: atA + 4 * i * stepA, b: atB + 4 * i * stepB, c: atC + 4 * i * M * N };
      multiply(heap, { ...places, M, N, K, transposeA, transposeB });
    }
    return out;
  };

/** Sizes and steps in floats, or undefined for what the stock kernel should see: wrong shapes, and rare broadcasts. */
function batched(a: TensorInfo, b: TensorInfo, transposeA: boolean, transposeB: boolean) {
  const [outerA, outerB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const [rowsA, columnsA] = a.shape.slice(-2) as [number, number];
  const [rowsB, columnsB] = b.shape.slice(-2) as [number, number];
  const [M, K] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const [N, innerB] = transposeB ? [rowsB, columnsB] : [columnsB, rowsB];
  const [sizeA, sizeB] = [sizeOf(outerA), sizeOf(outerB)];
  const same = sizeA === sizeB && tf.util.arraysEqual(outerA, outerB);
  if (a.dtype !== 'float32' || b.dtype !== 'float32' || K !== innerB || K === 0) return undefined;
  if (!same && sizeA !== 1 && sizeB !== 1) return undefined;
  const outer = tf.broadcast_util.assertAndGetBroadcastShape(outerA, outerB);
  // Batches that share one B are one tall product.
  if (sizeB === 1 && !transposeA) return { outer, M: sizeA * M, N, K, batches: 1, stepA: 0, stepB: 0, rows: M };
  return { outer, M, N, K, batches: sizeOf(outer), stepA: sizeA === 1 ? 0 : M * K, stepB: sizeB === 1 ? 0 : K * N };
}
