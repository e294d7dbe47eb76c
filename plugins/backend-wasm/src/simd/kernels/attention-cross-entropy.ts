// One pair of attention maps: T tokens, d head size of the student, e of the teacher; Tp is T rounded up to whole tiles.
// A block of R query rows at a time: no T×T map is ever formed.
import { type F32, type I32, at, fdiv, fmul, fsub, iadd, imul, int, mul, sub } from '../expressions.js';
import type { FunctionBuilder, FunctionRef } from '../function.js';
import type { ModuleBuilder } from '../module.js';
import { BLOCK, type MatrixKernels, forBlocks, products } from './attention.js';
import { exponentials, logSumExp, softmax } from './softmax.js';

const P = 'i32';

interface Maps {
  readonly qs: I32;
  readonly ks: I32;
  readonly qt: I32;
  readonly kt: I32;
  readonly T: I32;
  readonly Tp: I32;
  readonly d: I32;
  readonly e: I32;
  readonly scaleS: F32;
  readonly scaleT: F32;
  /** Tp·(d + e + 2·BLOCK) floats. */
  readonly scratch: I32;
}

/** For each block of query rows: the places of the student's and the teacher's logits, row by row. */
function forLogits(
  f: FunctionBuilder,
  kernels: MatrixKernels,
  { qs, ks, qt, kt, T, Tp, d, e, scaleS, scaleT, scratch }: Maps,
  body: (first: I32, R: I32, student: (r: I32) => I32, teacher: (r: I32) => I32) => void,
): void {
  const { product } = products(f, kernels);
  const ksT = scratch;
  const ktT = f.value(at(ksT, imul(Tp, d)));
  const As = f.value(at(ktT, imul(Tp, e)));
  const At = f.value(at(As, imul(Tp, BLOCK)));
  f.call(kernels.transpose, ks, ksT, T, d, d, Tp, scaleS);
  f.call(kernels.transpose, kt, ktT, T, e, e, Tp, scaleT);
  const rowOf = (map: I32) => (r: I32) => f.value(at(map, imul(r, Tp)));
  forBlocks(f, T, (first, R) => {
    product(at(qs, imul(first, d)), d, ksT, Tp, As, R, Tp, d);
    product(at(qt, imul(first, e)), e, ktT, Tp, At, R, Tp, e);
    body(first, R, rowOf(As), rowOf(At));
  });
}

const PAIR = [P, P, P, P, P, P, P, P, P, 'f32', 'f32', P] as const;

/**
 * (qs, ks, qt, kt, entropies [pairs, T], pairs, T, Tp, d, e, scaleS, scaleT, scratch): −Σ softmax(At)·logsoftmax(As) of
 * every row.
 */
export function defineAttentionCrossEntropy(module: ModuleBuilder, kernels: MatrixKernels): void {
  const pair = definePair(module, kernels);
  const parameters = [P, P, P, P, P, P, P, P, P, P, 'f32', 'f32', P] as const;
  module.define(
    'attentionCrossEntropy',
    parameters,
    (f, qs, ks, qt, kt, entropies, pairs, T, Tp, d, e, scaleS, scaleT, scratch) => {
      f.forEach(pairs, (n) => {
        const [s, t] = [f.value(imul(n, imul(T, d))), f.value(imul(n, imul(T, e)))];
        const places = [at(qs, s), at(ks, s), at(qt, t), at(kt, t), at(entropies, imul(n, T))] as const;
        f.call(pair, ...places, T, Tp, d, e, scaleS, scaleT, scratch);
      });
    },
  );
}

function definePair(module: ModuleBuilder, kernels: MatrixKernels): FunctionRef<typeof PAIR> {
  return module.define(
    'attentionCrossEntropyPair',
    PAIR,
    (f, qs, ks, qt, kt, entropies, T, Tp, d, e, scaleS, scaleT, scratch) => {
      const maps = { qs, ks, qt, kt, T, Tp, d, e, scaleS, scaleT, scratch };
      forLogits(f, kernels, maps, (first, R, student, teacher) => {
        f.forEach(R, (r) => {
          const [s, t] = [student(r), teacher(r)];
          const { total } = exponentials(f, t, T);
          const weighted = f.sum(T, (i, lanes) => mul(lanes.load(at(t, i)), lanes.load(at(s, i))));
          const expected = f.value(fdiv(weighted, total));
          // Each row of softmax(At) sums to one, so logsumexp(As) stands once before the sum.
          const logSum = logSumExp(f, exponentials(f, s, T));
          f.storeFloat(at(entropies, iadd(first, r)), fsub(logSum, expected));
        });
      });
    },
  );
}

const PAIR_GRAD = [P, P, P, P, P, P, P, P, P, P, 'f32', 'f32', 'f32', P] as const;

/**
 * (qs, ks, qt, kt, dqs, dks, pairs, T, Tp, d, e, scaleS, scaleT, dRow, scratch): ∂As = (softmax(As) − softmax(At))·dRow,
 * carried on to the student's queries and keys.
 */
export function defineAttentionCrossEntropyGrad(module: ModuleBuilder, kernels: MatrixKernels): void {
  const pair = definePairGrad(module, kernels);
  const parameters = [P, P, P, P, P, P, P, P, P, P, P, 'f32', 'f32', 'f32', P] as const;
  module.define(
    'attentionCrossEntropyGrad',
    parameters,
    (f, qs, ks, qt, kt, dqs, dks, pairs, T, Tp, d, e, scaleS, scaleT, dRow, scratch) => {
      f.forEach(pairs, (n) => {
        const [s, t] = [f.value(imul(n, imul(T, d))), f.value(imul(n, imul(T, e)))];
        const places = [at(qs, s), at(ks, s), at(qt, t), at(kt, t), at(dqs, s), at(dks, s)] as const;
        f.call(pair, ...places, T, Tp, d, e, scaleS, scaleT, dRow, scratch);
      });
    },
  );
}

function definePairGrad(module: ModuleBuilder, kernels: MatrixKernels): FunctionRef<typeof PAIR_GRAD> {
  return module.define(
    'attentionCrossEntropyPairGrad',
    PAIR_GRAD,
    (f, qs, ks, qt, kt, dqs, dks, T, Tp, d, e, scaleS, scaleT, dRow, scratch) => {
      const { product, addTransposed } = products(f, kernels);
      const maps = { qs, ks, qt, kt, T, Tp, d, e, scaleS, scaleT, scratch };
      const factor = f.value(fmul(dRow, scaleS));
      forLogits(f, kernels, maps, (first, R, student, teacher) => {
        f.forEach(R, (r) => {
          const [s, t] = [student(r), teacher(r)];
          softmax(f, s, T, factor);
          softmax(f, t, T, factor);
          f.forVectors(T, (i, lanes) => lanes.store(at(s, i), sub(lanes.load(at(s, i)), lanes.load(at(t, i)))));
        });
        const dAs = student(int(0));
        product(dAs, Tp, ks, d, at(dqs, imul(first, d)), R, d, T);
        addTransposed(dAs, Tp, at(qs, imul(first, d)), dks, T, d, R, first);
      });
    },
  );
}
