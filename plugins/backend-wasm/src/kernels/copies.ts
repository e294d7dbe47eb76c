import { type TensorInfo, tf } from '@hastejs/tensor';
import { type Heap, sizeOf } from '../heap.js';
import type { Replacement } from './register.js';

const BYTES: Readonly<Record<string, number>> = { float32: 4, int32: 4, bool: 1 };

/** Copies a box of elements from one dense array into another. */
interface Box {
  readonly sizes: readonly number[];
  /** First byte and strides in elements. */
  readonly from: number;
  readonly fromStrides: readonly number[];
  readonly to: number;
  readonly toStrides: readonly number[];
  readonly bytes: number;
}

const stridesOf = (shape: readonly number[]): number[] => shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));

/** The innermost axes that are dense on both sides go in one run, the next one as strided rows, further ones in a loop. */
function copyBox(heap: Heap, { sizes, from, fromStrides, to, toStrides, bytes }: Box): void {
  let axis = sizes.length;
  let run = 1;
  while (axis > 0 && fromStrides[axis - 1] === run && toStrides[axis - 1] === run) run *= sizes[--axis]!;
  const copy = (outer: number, source: number, target: number): void => {
    if (outer >= axis - 1) {
      const [rows, strideFrom, strideTo] =
        axis === 0 ? [1, 0, 0] : [sizes[outer]!, fromStrides[outer]!, toStrides[outer]!];
      heap.simd.copyRows(source, target, rows, run * bytes, strideFrom * bytes, strideTo * bytes);
      return;
    }
    for (let i = 0; i < sizes[outer]!; i++) {
      copy(outer + 1, source + i * fromStrides[outer]! * bytes, target + i * toStrides[outer]! * bytes);
    }
  };
  if (sizeOf(sizes) > 0) copy(0, from, to);
}

function slice(heap: Heap, x: TensorInfo, begin: readonly number[], sizes: readonly number[]): TensorInfo {
  const bytes = BYTES[x.dtype]!;
  const strides = stridesOf(x.shape);
  const start = begin.reduce((sum, first, axis) => sum + first * strides[axis]!, 0);
  const out = heap.make(sizes, x.dtype);
  const [from, to] = [heap.address(x) + start * bytes, heap.address(out)];
  copyBox(heap, { sizes, from, fromStrides: strides, to, toStrides: stridesOf(sizes), bytes });
  return out;
}

/** A clone shares its memory. Stock copies it: at every saved activation. */
export const identity =
  (heap: Heap): Replacement =>
  ({ x }) =>
    x!.dtype in BYTES ? heap.alias(x!, x!.shape) : undefined;

/** Stock copies the whole input out of the heap before it looks at the part that is wanted. */
export const sliceKernel =
  (heap: Heap): Replacement<tf.SliceAttrs> =>
  ({ x }, { begin, size }) => {
    if (!(x!.dtype in BYTES)) return undefined;
    const [first, sizes] = tf.slice_util.parseSliceParams(x as never, begin, size) as [number[], number[]];
    return slice(heap, x!, first, sizes);
  };

export const split =
  (heap: Heap): Replacement<tf.SplitVAttrs> =>
  ({ x }, { numOrSizeSplits, axis }) => {
    if (!(x!.dtype in BYTES)) return undefined;
    const along = tf.util.parseAxisParam(axis, x!.shape)[0]!;
    let first = 0;
    return tf.backend_util.prepareSplitSize(x as never, numOrSizeSplits, along).map((size) => {
      const begin = x!.shape.map((_, i) => (i === along ? first : 0));
      first += size;
      return slice(heap, x!, begin, x!.shape.with(along, size));
    });
  };

export const concat =
  (heap: Heap): Replacement<tf.ConcatAttrs> =>
  (inputs, attrs) => {
    const parts = Object.values(inputs);
    const { dtype, shape } = parts[0]!;
    if (parts.some((part) => part.dtype !== dtype || !(part.dtype in BYTES))) return undefined;
    const axis = tf.util.parseAxisParam(attrs.axis, shape)[0]!;
    const shapes = parts.map((part) => part.shape);
    tf.backend_util.assertParamsConsistent(shapes, axis);
    const out = heap.make(tf.backend_util.computeOutShape(shapes, axis), dtype);
    const [toStrides, bytes] = [stridesOf(out.shape), BYTES[dtype]!];
    let first = 0;
    for (const part of parts) {
      const [from, to] = [heap.address(part), heap.address(out) + first * toStrides[axis]! * bytes];
      copyBox(heap, { sizes: part.shape, from, fromStrides: stridesOf(part.shape), to, toStrides, bytes });
      first += part.shape[axis]!;
    }
    return out;
  };
