// N rows, I inputs, O outputs.
import { type Heap, sizeOf } from '../heap.js';
import { multiply } from './matmul.js';
import { sumRows } from './sum.js';
import type { HasteTable } from './register.js';

export const linearKernels = (heap: Heap): HasteTable => ({
  HasteLinear: ({ x, weight, bias }) => {
    const [O, I] = weight.shape as [number, number];
    const N = sizeOf(x.shape) / I;
    const out = heap.make([...x.shape.slice(0, -1), O]);
    const [a, b, c] = [heap.address(x), heap.address(weight), heap.address(out)];
    multiply(heap, { a, b, c, bias: bias ? heap.address(bias) : 0, M: N, N: O, K: I, transposeB: true });
    return [out];
  },

  HasteLinearGrad: ({ dy, x, weight, bias }) => {
    const [O, I] = weight.shape as [number, number];
    const N = sizeOf(x.shape) / I;
    const [dx, dweight] = [heap.make(x.shape), heap.make([O, I])];
    const at = { dy: heap.address(dy), x: heap.address(x), weight: heap.address(weight) };
    multiply(heap, { a: at.dy, b: at.weight, c: heap.address(dx), M: N, N: I, K: O });
    multiply(heap, { a: at.dy, b: at.x, c: heap.address(dweight), M: O, N: I, K: N, transposeA: true });
    if (!bias) return [dx, dweight];
    const dbias = heap.make([O]);
    sumRows(heap, at.dy, heap.address(dbias), [1, N, O]);
    return [dx, dweight, dbias];
  },
});
