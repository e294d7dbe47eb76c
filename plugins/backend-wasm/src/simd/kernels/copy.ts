import { at, bytes, iadd, imul, load } from '../expressions.js';
import type { ModuleBuilder } from '../module.js';

const P = 'i32';

/** Kernels that move data without looking at it. */
export function defineCopy(module: ModuleBuilder): void {
  // (from, to, rows, size, strideFrom, strideTo): rows of `size` bytes, each side with a stride of its own, in bytes
  module.define('copyRows', [P, P, P, P, P, P], (f, from, to, rows, size, strideFrom, strideTo) => {
    const [source, target] = [f.variable(from), f.variable(to)];
    f.forEach(rows, () => {
      f.copyBytes(target, source, size);
      f.set(source, iadd(source, strideFrom));
      f.set(target, iadd(target, strideTo));
    });
  });

  // (b, panels, count, K, ldb): columns 0 … 8·count − 1 of B [K, N] as `count` panels [K, 8], one after the other, so that
  // a product reads B front to back instead of jumping from row to row
  module.define('packPanels', [P, P, P, P, P], (f, b, panels, count, K, ldb) => {
    const stride = f.value(bytes(ldb));
    const target = f.variable(panels);
    f.forEach(count, (panel) => {
      const source = f.variable(at(b, imul(panel, 8)));
      f.forEach(K, () => {
        f.store(target, load(source));
        f.store(target, load(source, 16), 16);
        f.set(source, iadd(source, stride));
        f.set(target, iadd(target, 32));
      });
    });
  });
}
