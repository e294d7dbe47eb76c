import type { FunctionRef } from '../function.js';
import { at, bytes, iadd, int, load } from '../expressions.js';
import type { ModuleBuilder } from '../module.js';

const P = 'i32';
const PACK = [P, P, P, P, P] as const;
export type PackPanels = FunctionRef<typeof PACK>;

/** Kernels that move data without looking at it. */
export function defineCopy(module: ModuleBuilder): PackPanels {
  // (from, to, rows, size, strideFrom, strideTo): rows of `size` bytes, each side with a stride of its own, in bytes
  module.define('copyRows', [P, P, P, P, P, P], (f, from, to, rows, size, strideFrom, strideTo) => {
    const [source, target] = [f.variable(from), f.variable(to)];
    f.forEach(rows, () => {
      f.copyBytes(target, source, size);
      f.set(source, iadd(source, strideFrom));
      f.set(target, iadd(target, strideTo));
    });
  });

  // (b, panels, columns, K, ldb): the first columns of B [K, N], a multiple of eight, as panels [K, 8] one after the other, so
  // that a product reads B front to back instead of jumping from row to row
  return module.define('packPanels', PACK, (f, b, panels, columns, K, ldb) => {
    const stride = f.value(bytes(ldb));
    const target = f.variable(panels);
    const n = f.variable(int(0));
    f.continueTo(n, columns, 8, () => {
      const source = f.variable(at(b, n));
      f.forEach(K, () => {
        f.store(target, load(source));
        f.store(target, load(source, 16), 16);
        f.set(source, iadd(source, stride));
        f.set(target, iadd(target, 32));
      });
    });
  });
}
