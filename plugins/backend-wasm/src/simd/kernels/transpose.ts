import {
  type F32,
  type I32,
  type Vec,
  at,
  bytes,
  iadd,
  imul,
  int,
  load,
  loadSplat,
  mul,
  shuffle,
} from '../expressions.js';
import type { FunctionBuilder, FunctionRef } from '../function.js';
import type { ModuleBuilder } from '../module.js';

const P = 'i32';
const PARAMETERS = [P, P, P, P, P, P, 'f32'] as const;
export type Transpose = FunctionRef<typeof PARAMETERS>;

/** (x, y, M, N, ldx, ldy, scale): y [N, M] = scale·xᵀ for x [M, N], in blocks of 4×4. Leading dimensions in floats. */
export function defineTranspose(module: ModuleBuilder): Transpose {
  return module.define('transpose', PARAMETERS, (f, x, y, M, N, ldx, ldy, scale) => {
    const [strideX, strideY] = [f.value(bytes(ldx)), f.value(bytes(ldy))];
    const m = f.variable(int(0));
    for (const rows of [4, 1]) {
      f.continueTo(m, M, rows, () => {
        const from = f.value(iadd(x, imul(m, strideX)));
        const to = f.value(at(y, m));
        const n = f.variable(int(0));
        if (rows === 4) {
          f.continueTo(n, N, 4, () => block(f, at(from, n), iadd(to, imul(n, strideY)), strideX, strideY, scale));
        }
        f.continueTo(n, N, 1, () => column(f, at(from, n), iadd(to, imul(n, strideY)), strideX, rows, scale));
      });
    }
  });
}

/** `rows` floats of one column, which become neighbours. */
function column(f: FunctionBuilder, from: I32, to: I32, strideX: I32, rows: number, scale: F32): void {
  const [source, target] = [f.variable(from), f.value(to)];
  for (let i = 0; i < rows; i++) {
    f.storeOne(at(target, i), mul(loadSplat(source), scale));
    f.set(source, iadd(source, strideX));
  }
}

function block(f: FunctionBuilder, from: I32, to: I32, strideX: I32, strideY: I32, scale: F32): void {
  const [source, target] = [f.variable(from), f.variable(to)];
  const rows = Array.from({ length: 4 }, () => {
    const row = f.value(mul(load(source), scale));
    f.set(source, iadd(source, strideX));
    return row;
  });
  const [a, b, c, d] = rows as [Vec, Vec, Vec, Vec];
  const pairs = (low: boolean): [Vec, Vec] => {
    const order = low ? ([0, 4, 1, 5] as const) : ([2, 6, 3, 7] as const);
    return [f.value(shuffle(a, b, order)), f.value(shuffle(c, d, order))];
  };
  for (const [ab, cd] of [pairs(true), pairs(false)]) {
    for (const order of [[0, 1, 4, 5] as const, [2, 3, 6, 7] as const]) {
      f.store(target, shuffle(ab, cd, order));
      f.set(target, iadd(target, strideY));
    }
  }
}
