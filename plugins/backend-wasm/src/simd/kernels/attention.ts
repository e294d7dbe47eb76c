// `heads` heads, one after the other: T query rows, S keys, d head size; Sp is S rounded up to whole tiles. A block of R
// query rows is carried through all steps while its logits are in the cache, so that nothing of size T×S is ever formed.
import { type I32, at, float, iadd, imul, int, isub, less, loadFloat, mul, sub } from '../expressions.js';
import type { FunctionBuilder, FunctionRef } from '../function.js';
import { exp } from '../math.js';
import type { ModuleBuilder } from '../module.js';
import type { Gemm } from './gemm.js';
import { logSumExp, softmax } from './softmax.js';
import type { Transpose } from './transpose.js';

/** Query rows of a block: 64 rows of 256 logits are 64 KiB. */
export const BLOCK = 64;

export interface MatrixKernels {
  readonly rows: Gemm;
  readonly transposed: Gemm;
  readonly transpose: Transpose;
}

/** Products of dense matrices: c [M, N] = a [M, K]·b [K, N], or c += aᵀ·b for a [K, M]; the leading dimensions are given. */
export function products(f: FunctionBuilder, { rows, transposed }: MatrixKernels) {
  const [zero, one] = [int(0), int(1)];
  return {
    product(a: I32, lda: I32, b: I32, ldb: I32, c: I32, M: I32, N: I32, K: I32): void {
      f.call(rows, a, b, c, M, N, K, lda, ldb, N, one, zero, zero, zero);
    },
    /** `first` is 0 where c holds nothing yet. */
    addTransposed(a: I32, lda: I32, b: I32, c: I32, M: I32, N: I32, K: I32, first: I32): void {
      const into = f.variable(zero);
      f.when(first, () => f.set(into, c));
      f.call(transposed, a, b, c, M, N, K, lda, N, N, one, into, N, zero);
    },
  };
}

/** Runs `body` for consecutive blocks of at most BLOCK of T rows: first row, and number of rows. */
export function forBlocks(f: FunctionBuilder, T: I32, body: (first: I32, R: I32) => void): void {
  const first = f.variable(int(0));
  const R = f.variable(int(BLOCK));
  f.repeat(less(first, T), () => {
    f.when(less(T, iadd(first, BLOCK)), () => f.set(R, isub(T, first)));
    body(first, R);
    f.set(first, iadd(first, R));
  });
}

const P = 'i32';

const HEAD = [P, P, P, P, P, P, P, P, P, 'f32', P] as const;

/** (q, k, v, o, lse, heads, T, S, Sp, d, scale, scratch): scratch holds Sp·(d + BLOCK) floats. */
export function defineAttention(module: ModuleBuilder, kernels: MatrixKernels): void {
  const head = defineHead(module, kernels);
  const parameters = [P, P, P, P, P, P, P, P, P, P, 'f32', P] as const;
  module.define('attention', parameters, (f, q, k, v, o, lse, heads, T, S, Sp, d, scale, scratch) => {
    f.forEach(heads, (n) => {
      const [rows, keys] = [f.value(imul(n, imul(T, d))), f.value(imul(n, imul(S, d)))];
      const places = [at(q, rows), at(k, keys), at(v, keys), at(o, rows), at(lse, imul(n, T))] as const;
      f.call(head, ...places, T, S, Sp, d, scale, scratch);
    });
  });
}

function defineHead(module: ModuleBuilder, kernels: MatrixKernels): FunctionRef<typeof HEAD> {
  return module.define('attentionHead', HEAD, (f, q, k, v, o, lse, T, S, Sp, d, scale, scratch) => {
    const { product } = products(f, kernels);
    const [kT, p] = [scratch, f.value(at(scratch, imul(Sp, d)))];
    f.call(kernels.transpose, k, kT, S, d, d, Sp, scale);
    forBlocks(f, T, (first, R) => {
      product(at(q, imul(first, d)), d, kT, Sp, p, R, Sp, d);
      f.forEach(R, (r) => {
        const sums = softmax(f, f.value(at(p, imul(r, Sp))), S);
        f.storeFloat(at(lse, iadd(first, r)), logSumExp(f, sums));
      });
      product(p, Sp, v, d, at(o, imul(first, d)), R, d, S);
    });
  });
}

const HEAD_GRAD = [P, P, P, P, P, P, P, P, P, P, P, P, P, 'f32', P] as const;

/** (dy, q, k, v, o, lse, dq, dk, dv, heads, T, S, Sp, d, scale, scratch): scratch holds 2·Sp·(d + BLOCK) floats. */
export function defineAttentionGrad(module: ModuleBuilder, kernels: MatrixKernels): void {
  const head = defineHeadGrad(module, kernels);
  const parameters = [P, P, P, P, P, P, P, P, P, P, P, P, P, P, 'f32', P] as const;
  module.define(
    'attentionGrad',
    parameters,
    (f, dy, q, k, v, o, lse, dq, dk, dv, heads, T, S, Sp, d, scale, scratch) => {
      f.forEach(heads, (n) => {
        const [rows, keys] = [f.value(imul(n, imul(T, d))), f.value(imul(n, imul(S, d)))];
        const inputs = [at(dy, rows), at(q, rows), at(k, keys), at(v, keys), at(o, rows), at(lse, imul(n, T))] as const;
        f.call(head, ...inputs, at(dq, rows), at(dk, keys), at(dv, keys), T, S, Sp, d, scale, scratch);
      });
    },
  );
}

function defineHeadGrad(module: ModuleBuilder, kernels: MatrixKernels): FunctionRef<typeof HEAD_GRAD> {
  return module.define(
    'attentionHeadGrad',
    HEAD_GRAD,
    (f, dy, q, k, v, o, lse, dq, dk, dv, T, S, Sp, d, scale, scratch) => {
      const { product, addTransposed } = products(f, kernels);
      const kT = scratch;
      const vT = f.value(at(kT, imul(Sp, d)));
      const p = f.value(at(vT, imul(Sp, d)));
      const dp = f.value(at(p, imul(Sp, BLOCK)));
      f.call(kernels.transpose, k, kT, S, d, d, Sp, scale);
      f.call(kernels.transpose, v, vT, S, d, d, Sp, float(1));
      forBlocks(f, T, (first, R) => {
        const [qs, dys, os] = [q, dy, o].map((base) => f.value(at(base, imul(first, d)))) as [I32, I32, I32];
        product(qs, d, kT, Sp, p, R, Sp, d);
        product(dys, d, vT, Sp, dp, R, Sp, d);
        f.forEach(R, (r) => {
          const [row, logSum] = [f.value(at(p, imul(r, Sp))), f.value(loadFloat(at(lse, iadd(first, r))))];
          f.forVectors(S, (i, lanes) => lanes.store(at(row, i), exp(f, sub(lanes.load(at(row, i)), logSum))));
        });
        addTransposed(p, Sp, dys, dv, S, d, R, first);
        f.forEach(R, (r) => {
          const [dyRow, oRow] = [f.value(at(dys, imul(r, d))), f.value(at(os, imul(r, d)))];
          const dot = f.sum(d, (i, lanes) => mul(lanes.load(at(dyRow, i)), lanes.load(at(oRow, i))));
          const [row, dRow] = [f.value(at(p, imul(r, Sp))), f.value(at(dp, imul(r, Sp)))];
          // ∂ logits, times the scale that both of their factors lack.
          f.forVectors(S, (i, lanes) => {
            const ds = mul(lanes.load(at(row, i)), sub(lanes.load(at(dRow, i)), dot));
            lanes.store(at(row, i), mul(ds, scale));
          });
        });
        product(p, Sp, k, d, at(dq, imul(first, d)), R, d, S);
        addTransposed(p, Sp, qs, dk, S, d, R, first);
      });
    },
  );
}
