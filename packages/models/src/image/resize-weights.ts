// Resizing along one axis as a matrix [out, in], computed in float64: what PyTorch's upsample kernels do, row by row.

/** A row-major matrix [rows, columns]. */
export interface ResizeMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

export type ResizeMethod =
  /** torch's bilinear, align_corners false. With antialias as in Pillow: wider when shrinking. */
  | { readonly kind: 'linear'; readonly antialias?: boolean }
  /**
   * torch's bicubic, align_corners false. With antialias as in Pillow: wider when shrinking, and another kernel in both
   * directions. `scale` is input pixels an output pixel, where it is not in/out: DINOv2 hands interpolate a scale factor
   * that differs a little from the ratio of the sizes.
   */
  | { readonly kind: 'cubic'; readonly antialias: boolean; readonly scale?: number };

/** The kernel constant a of torch's plain bicubic, and of its antialiased one (Keys 1981). */
const PLAIN_A = -0.75;
const ANTIALIAS_A = -0.5;

export function resizeMatrix(from: number, to: number, method: ResizeMethod): ResizeMatrix {
  const values = new Float64Array(to * from);
  for (let out = 0; out < to; out++) {
    const row = values.subarray(out * from, (out + 1) * from);
    const scale = method.kind === 'cubic' ? (method.scale ?? from / to) : from / to;
    if (method.antialias) antialiasRow(row, out, scale, method.kind);
    else if (method.kind === 'linear') linearRow(row, out, scale);
    else cubicRow(row, out, scale);
  }
  return { rows: to, columns: from, values };
}

/** (A ⊗ B)[(i, k), (j, l)] = A[i, j]·B[k, l]: resizes rows and columns of a flattened grid at once. */
export function kronecker(a: ResizeMatrix, b: ResizeMatrix): ResizeMatrix {
  const [rows, columns] = [a.rows * b.rows, a.columns * b.columns];
  const values = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const [i, k] = [Math.floor(row / b.rows), row % b.rows];
    for (let column = 0; column < columns; column++) {
      const [j, l] = [Math.floor(column / b.columns), column % b.columns];
      values[row * columns + column] = a.values[i * a.columns + j]! * b.values[k * b.columns + l]!;
    }
  }
  return { rows, columns, values };
}

/** Negative source positions are moved to 0, as torch does for bilinear. */
function linearRow(row: Float64Array, out: number, scale: number): void {
  const source = Math.max(0, scale * (out + 0.5) - 0.5);
  const left = Math.min(Math.floor(source), row.length - 1);
  const right = Math.min(left + 1, row.length - 1);
  row[left]! += 1 - (source - left);
  row[right]! += source - left;
}

/** Four taps; those outside count for the pixel at the border. */
function cubicRow(row: Float64Array, out: number, scale: number): void {
  const source = scale * (out + 0.5) - 0.5;
  const first = Math.floor(source) - 1;
  for (let tap = first; tap < first + 4; tap++) {
    const inside = Math.min(Math.max(tap, 0), row.length - 1);
    row[inside]! += cubicKernel(source - tap, PLAIN_A);
  }
}

/** As many taps as the shrinking covers; those outside are left out and the rest is normalised. */
function antialiasRow(row: Float64Array, out: number, scale: number, kind: ResizeMethod['kind']): void {
  const support = kind === 'linear' ? 1 : 2;
  const stretch = Math.max(scale, 1);
  const centre = scale * (out + 0.5);
  const first = Math.max(0, Math.trunc(centre - support * stretch + 0.5));
  const last = Math.min(row.length, Math.trunc(centre + support * stretch + 0.5));
  const kernel = (x: number): number =>
    kind === 'linear' ? Math.max(0, 1 - Math.abs(x)) : cubicKernel(x, ANTIALIAS_A);
  let total = 0;
  for (let tap = first; tap < last; tap++) total += row[tap] = kernel((tap - centre + 0.5) / stretch);
  for (let tap = first; tap < last; tap++) row[tap]! /= total;
}

/** Cubic convolution (Keys 1981): support 2 on each side. */
function cubicKernel(x: number, a: number): number {
  const d = Math.abs(x);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2) return ((d - 5) * d + 8) * a * d - 4 * a;
  return 0;
}
