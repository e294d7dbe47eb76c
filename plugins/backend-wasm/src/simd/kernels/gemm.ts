// C [M, N] = A·B + addend, tile by tile in registers. A is [M, K], or stored transposed as [K, M]; B is [K, N].
// Leading dimensions are in floats, so that every matrix may be a part of a larger one.
import { type I32, type Vec, add, at, bytes, iadd, imul, int, load, loadSplat, mul, vec } from '../expressions.js';
import type { FunctionBuilder, FunctionRef, Local } from '../function.js';
import type { ModuleBuilder } from '../module.js';

const P = 'i32';
const PARAMETERS = [P, P, P, P, P, P, P, P, P, P, P, P, P] as const;
/**
 * (a, b, c, M, N, K, lda, ldb, ldc, stepB, addend, ldAddend, scratch)
 * - column n of B begins stepB·n floats after column 0: 1, or K where B is packed in panels of eight columns;
 * - addend: 0 for none; c itself with ldc to accumulate; a bias with 0 to add the same row everywhere;
 * - scratch: 6·K floats for `gemmGathered`, unused by the others.
 */
export type Gemm = FunctionRef<typeof PARAMETERS>;

/** Rows of C held in registers at once: 6 × 8 sums, two vectors of B and one of A fill the 16 vector registers of x86-64. */
const ROW_TILES = [6, 4, 2, 1] as const;
const COLUMN_TILES = [8, 4, 1] as const;

/** How A is stored: by rows; transposed; or transposed and so large that each tile is first gathered into scratch. */
type LayoutOfA = 'rows' | 'transposed' | 'gathered';

interface Tile {
  readonly layout: LayoutOfA;
  readonly rows: number;
  readonly columns: (typeof COLUMN_TILES)[number];
  readonly a: I32;
  readonly b: I32;
  readonly c: I32;
  readonly K: I32;
  readonly addend: I32;
  /** Not 0 where there is one. */
  readonly hasAddend: I32;
  /** Bytes between rows as they are stored. */
  readonly strideA: I32;
  readonly strideB: I32;
  readonly strideC: I32;
  readonly strideAddend: I32;
}

/** Defines `gemm`, `gemmTransposed` and `gemmGathered`. */
export function defineGemm(module: ModuleBuilder): Readonly<Record<LayoutOfA, Gemm>> {
  return {
    rows: define(module, 'gemm', 'rows'),
    transposed: define(module, 'gemmTransposed', 'transposed'),
    gathered: define(module, 'gemmGathered', 'gathered'),
  };
}

function define(module: ModuleBuilder, name: string, layout: LayoutOfA): Gemm {
  return module.define(name, PARAMETERS, (f, a, b, c, M, N, K, lda, ldb, ldc, stepB, addend, ldAddend, scratch) => {
    const stride = (floats: I32): I32 => f.value(bytes(floats));
    const strides = { strideB: stride(ldb), strideC: stride(ldc), strideAddend: stride(ldAddend) };
    const strideA = stride(lda);
    const m = f.variable(int(0));
    for (const rows of ROW_TILES) {
      f.continueTo(m, M, rows, () => {
        const rowsOfC = f.value(iadd(c, imul(m, strides.strideC)));
        const rowsOfAddend = f.value(iadd(addend, imul(m, strides.strideAddend)));
        const own = f.value(layout === 'rows' ? iadd(a, imul(m, strideA)) : at(a, m));
        if (layout === 'gathered') gather(f, own, scratch, strideA, K, rows);
        const ofA = layout === 'gathered' ? { a: scratch, strideA: int(4 * rows) } : { a: own, strideA };
        const n = f.variable(int(0));
        for (const columns of COLUMN_TILES) {
          f.continueTo(n, N, columns, () => {
            const [ofB, ofC] = [f.value(at(b, imul(n, stepB))), f.value(at(rowsOfC, n))];
            const places = { ...ofA, b: ofB, c: ofC, addend: f.value(at(rowsOfAddend, n)), hasAddend: addend };
            tile(f, { ...places, ...strides, layout, rows, columns, K });
          });
        }
      });
    }
  });
}

/** Copies a tile of a transposed A, `rows` floats from each of K far-apart places, to one place. */
function gather(f: FunctionBuilder, a: I32, to: I32, strideA: I32, K: I32, rows: number): void {
  const [source, target] = [f.variable(a), f.variable(to)];
  f.forEach(K, () => {
    if (rows >= 4) f.store(target, load(source));
    // Six rows: the second vector overlaps the first, so that nothing beyond the tile is read.
    if (rows === 6) f.store(target, load(source, 8), 8);
    if (rows < 4) for (let i = 0; i < rows; i++) f.storeOne(at(target, i), loadSplat(source, 4 * i));
    f.set(source, iadd(source, strideA));
    f.set(target, iadd(target, 4 * rows));
  });
}

function tile(f: FunctionBuilder, t: Tile): void {
  const vectors = t.columns === 8 ? 2 : 1;
  const read = t.columns === 1 ? loadSplat : load;
  const sums = Array.from({ length: t.rows }, () => Array.from({ length: vectors }, () => f.variable(vec(0))));
  const b = f.variable(t.b);
  const left = leftOperand(f, t);
  const k = f.variable(int(0));
  for (const unrolled of [4, 1]) {
    f.continueTo(k, t.K, unrolled, () => {
      for (let i = 0; i < unrolled; i++) {
        const right = Array.from({ length: vectors }, (_, v) => f.value(read(b, 16 * v)));
        sums.forEach((row, r) => {
          const a = f.value(left.load(r, i));
          row.forEach((sum, v) => f.set(sum, add(sum, mul(a, right[v]!))));
        });
        f.set(b, iadd(b, t.strideB));
        left.afterStep();
      }
      left.afterSteps(unrolled);
    });
  }
  storeTile(f, t, sums);
}

/** Reads A(row, k): by one pointer a row where A is stored by rows, by one in all where it is transposed. */
function leftOperand(f: FunctionBuilder, { layout, a, strideA, rows }: Tile) {
  const pointers = [f.variable(a)];
  if (layout === 'rows') while (pointers.length < rows) pointers.push(f.variable(iadd(pointers.at(-1)!, strideA)));
  const move = (by: I32 | number): void => pointers.forEach((pointer) => f.set(pointer, iadd(pointer, by)));
  if (layout === 'rows') {
    return {
      load: (row: number, step: number): Vec => loadSplat(pointers[row]!, 4 * step),
      afterStep: () => undefined,
      afterSteps: (steps: number) => move(4 * steps),
    };
  }
  return {
    load: (row: number): Vec => loadSplat(pointers[0]!, 4 * row),
    afterStep: () => move(strideA),
    afterSteps: () => undefined,
  };
}

function storeTile(f: FunctionBuilder, t: Tile, sums: readonly (readonly Local<'v128'>[])[]): void {
  const read = t.columns === 1 ? loadSplat : load;
  const [c, addend] = [f.variable(t.c), f.variable(t.addend)];
  for (const row of sums) {
    f.when(t.hasAddend, () => row.forEach((sum, v) => f.set(sum, add(sum, read(addend, 16 * v)))));
    row.forEach((sum, v) => (t.columns === 1 ? f.storeOne(c, sum) : f.store(c, sum, 16 * v)));
    f.set(c, iadd(c, t.strideC));
    f.set(addend, iadd(addend, t.strideAddend));
  }
}
