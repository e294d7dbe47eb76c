// Building blocks of kernels that work on rows of logits.
import { type F32, type I32, at, fadd, fdiv, float, lane, max, mul, sub, vec } from '../expressions.js';
import type { FunctionBuilder } from '../function.js';
import { exp, log } from '../math.js';

/** What softmax learns about a row: its largest element and Σ e^(x − largest), between 1 and n. */
export interface RowSums {
  readonly largest: F32;
  readonly total: F32;
}

/** Overwrites a row with e^(x − largest). */
export function exponentials(f: FunctionBuilder, row: I32, n: I32): RowSums {
  const seen = f.variable(vec(-Infinity));
  f.forVectors(n, (i, lanes) => f.set(seen, max(seen, lanes.load(at(row, i)))));
  const largest = f.maxLanes(seen);
  const total = f.sum(n, (i, lanes) => {
    const e = exp(f, sub(lanes.load(at(row, i)), largest));
    lanes.store(at(row, i), e);
    return e;
  });
  return { largest, total };
}

/** Overwrites a row with factor·softmax(row). */
export function softmax(f: FunctionBuilder, row: I32, n: I32, factor: F32 = float(1)): RowSums {
  const sums = exponentials(f, row, n);
  const scale = f.value(fdiv(factor, sums.total));
  f.forVectors(n, (i, lanes) => lanes.store(at(row, i), mul(lanes.load(at(row, i)), scale)));
  return sums;
}

export const logSumExp = (f: FunctionBuilder, { largest, total }: RowSums): F32 =>
  fadd(largest, lane(log(f, vec(total)), 0));
