// A canonical tensor is the elements of its parts, one after the other: renaming, reshaping, joining q, k and v, cutting a
// tensor along its first axis, and filling what a file leaves out are all that the published layouts need.
import { HasteError } from '@hastejs/plugin-api';
import type { HostData, HostTensor } from '@hastejs/tensor';

/** A run of elements of one source tensor, or (no name) zeros where the source has nothing. */
export interface Part {
  readonly name: string | null;
  /** The source tensor's shape; of zeros, the shape that they fill. */
  readonly shape: readonly number[];
  /** Rows [from, to) of the source's first axis; default: all. */
  readonly rows?: readonly [number, number];
  /** The source is [in, out] where the model has [out, in]. */
  readonly transposed?: boolean;
}

/** Canonical name → its parts. */
export type NameMap = ReadonlyMap<string, readonly Part[]>;

type HostTensors = Readonly<Record<string, HostTensor>>;

/** The source tensors that a map needs, with their shapes. */
export function neededShapes(names: NameMap): Map<string, readonly number[]> {
  const parts = [...names.values()].flat();
  return new Map(parts.flatMap(({ name, shape }) => (name === null ? [] : [[name, shape] as const])));
}

/**
 * One canonical tensor. Where a single whole part makes it, it shares the source's data.
 * @throws HasteError WEIGHTS_MISMATCH when its parts are of different element types.
 */
export function assembleTensor(parts: readonly Part[], shape: readonly number[], tensors: HostTensors): HostTensor {
  const pieces = parts.map((part) => elementsOf(part, tensors));
  const named = parts.flatMap(({ name }) => (name === null ? [] : [tensors[name]!]));
  const [{ dtype, data: first }] = named as [HostTensor, ...HostTensor[]];
  if (pieces.length === 1) return { dtype, shape, data: pieces[0] as HostData };
  const odd = named.find((tensor) => tensor.dtype !== dtype);
  if (odd) throw mixedTypes(parts, tensors);
  const data = like(first, sizeOf(shape));
  let offset = 0;
  for (const [index, piece] of pieces.entries()) {
    if (piece) data.set(piece as never, offset);
    offset += piece ? piece.length : sizeOf(parts[index]!.shape);
  }
  return { dtype, shape, data };
}

/** The elements of a part in the model's order; null: zeros, which every element type writes as zero bits. */
function elementsOf({ name, shape, rows, transposed }: Part, tensors: HostTensors): HostData | null {
  if (name === null) return null;
  const { data } = tensors[name]!;
  if (transposed) return transpose(data, shape as [number, number]);
  if (!rows) return data;
  const rowSize = sizeOf(shape.slice(1));
  return data.subarray(rows[0] * rowSize, rows[1] * rowSize);
}

/** [rows, columns] → [columns, rows] */
export function transpose(data: HostData, [rows, columns]: readonly [number, number]): HostData {
  const out = like(data, data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) out[column * rows + row] = data[row * columns + column]!;
  }
  return out;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, n) => size * n, 1);

function like(data: HostData, size: number): HostData {
  return new (data.constructor as new (size: number) => HostData)(size);
}

function mixedTypes(parts: readonly Part[], tensors: HostTensors): HasteError {
  const types = parts.flatMap(({ name }) => (name === null ? [] : [`'${name}' ${tensors[name]!.dtype}`]));
  return new HasteError('WEIGHTS_MISMATCH', {
    what: `Tensors that belong together have different element types: ${types.join(', ')}.`,
    fix: 'Save all weights of the file in one element type.',
  });
}
