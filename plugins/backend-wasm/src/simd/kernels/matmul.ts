// C [M, N] = op(A)·op(B) + bias, B being packed block by block into panels of eight columns that lie together.
import { type I32, at, float, iadd, iand, imul, int, isub, less } from '../expressions.js';
import type { FunctionRef } from '../function.js';
import type { ModuleBuilder } from '../module.js';
import type { PackPanels } from './copy.js';
import type { Gemm } from './gemm.js';
import type { Transpose } from './transpose.js';

const P = 'i32';
/** Columns of a panel. */
export const PANEL = 8;

interface Parts {
  readonly rows: Gemm;
  readonly gathered: Gemm;
  readonly transpose: Transpose;
  readonly packPanels: PackPanels;
}

const PARAMETERS = [P, P, P, P, P, P, P, P, P, P, P, P, P, P] as const;
/**
 * (a, b, c, bias, M, N, K, lda, ldb, ldc, transposeA, transposeB, block, scratch)
 * - A is [M, K], or [K, M] where transposeA is 1; B is [K, N], or [N, K]; bias is 0 for none;
 * - block: columns of B packed at a time, a multiple of eight;
 * - scratch: K·(6 + block) floats.
 */
export function defineMatmul(module: ModuleBuilder, parts: Parts): FunctionRef<typeof PARAMETERS> {
  const { rows, gathered, transpose, packPanels } = parts;
  return module.define(
    'matmul',
    PARAMETERS,
    (f, a, b, c, bias, M, N, K, lda, ldb, ldc, transposeA, transposeB, block, scratch) => {
      const packed = f.value(at(scratch, imul(K, 6)));
      const n = f.variable(int(0));
      /** Columns of B from n on, wherever they are. */
      const source = (): I32 => at(b, imul(n, stepB));
      const stepB = f.variable(int(1));
      f.when(transposeB, () => f.set(stepB, ldb));
      const multiply = (from: I32, ldFrom: I32, stepFrom: I32, columns: I32): void => {
        const addend = f.variable(int(0));
        f.when(bias, () => f.set(addend, at(bias, n)));
        const zero = int(0);
        const args = [a, from, at(c, n), M, columns, K, lda, ldFrom, ldc, stepFrom, addend, zero, scratch] as const;
        f.either(transposeA, [() => f.call(gathered, ...args), () => f.call(rows, ...args)]);
      };

      const columns = f.variable(block);
      f.repeat(less(iadd(n, PANEL - 1), N), () => {
        f.set(columns, block);
        f.when(less(isub(N, n), block), () => f.set(columns, iand(isub(N, n), -PANEL)));
        const inPanels = (): void => {
          const i = f.variable(int(0));
          f.continueTo(i, columns, PANEL, () => {
            const [from, to] = [at(source(), imul(i, ldb)), at(packed, imul(i, K))];
            f.call(transpose, from, to, int(PANEL), K, ldb, int(PANEL), float(1));
          });
        };
        const asTheyAre = (): void => f.call(packPanels, source(), packed, columns, K, ldb);
        f.either(transposeB, [inPanels, asTheyAre]);
        multiply(packed, int(PANEL), K, columns);
        f.set(n, iadd(n, columns));
      });

      const rest = f.value(isub(N, n));
      f.when(rest, () => {
        const turned = (): void => {
          f.call(transpose, source(), packed, rest, K, ldb, rest, float(1));
          multiply(packed, rest, int(1), rest);
        };
        f.either(transposeB, [turned, () => multiply(source(), ldb, int(1), rest)]);
      });
    },
  );
}
