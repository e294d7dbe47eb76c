// Expressions of the little language that the kernels are written in. Each is the code that leaves one value on the stack.
import { OP, SIMD, SIMD_PREFIX, type Type, float32Bytes, signed, unsigned } from './opcodes.js';

export interface Expr<T extends Type> {
  readonly type: T;
  readonly code: readonly number[];
}
export type I32 = Expr<'i32'>;
export type F32 = Expr<'f32'>;
/** Four floats. */
export type Vec = Expr<'v128'>;

export function expr<T extends Type>(type: T, ...code: (readonly number[])[]): Expr<T> {
  return { type, code: code.flat() };
}

const simd = (opcode: number): number[] => [SIMD_PREFIX, ...unsigned(opcode)];
/** Alignment hint 4 bytes: tensors are not aligned to vectors. */
const memarg = (offset: number): number[] => [2, ...unsigned(offset)];

/** Integers and addresses. A plain number is a constant. */
export type Int = I32 | number;
export const int = (value: Int): I32 => (typeof value === 'number' ? expr('i32', [OP.i32Const], signed(value)) : value);
const intOp =
  (opcode: number) =>
  (a: Int, b: Int): I32 =>
    expr('i32', int(a).code, int(b).code, [opcode]);
export const iadd = intOp(OP.i32Add);
export const isub = intOp(OP.i32Sub);
export const imul = intOp(OP.i32Mul);
export const iand = intOp(OP.i32And);
export const less = intOp(OP.i32LtU);
/** Address of element `index` of a float array. */
export const at = (base: I32, index: Int): I32 => iadd(base, typeof index === 'number' ? 4 * index : bytes(index));
/** Bytes that n floats take. */
export const bytes = (n: I32): I32 => expr('i32', n.code, [OP.i32Const, 2, OP.i32Shl]);

/** Single floats. */
export type Float = F32 | number;
export const float = (value: Float): F32 =>
  typeof value === 'number' ? expr('f32', [OP.f32Const], float32Bytes(value)) : value;
const floatOp =
  (opcode: number) =>
  (a: Float, b: Float): F32 =>
    expr('f32', float(a).code, float(b).code, [opcode]);
export const fadd = floatOp(OP.f32Add);
export const fsub = floatOp(OP.f32Sub);
export const fmul = floatOp(OP.f32Mul);
export const fdiv = floatOp(OP.f32Div);
export const fmax = floatOp(OP.f32Max);
export const fsqrt = (a: F32): F32 => expr('f32', a.code, [OP.f32Sqrt]);
export const toFloat = (a: I32): F32 => expr('f32', a.code, [OP.f32ConvertI32U]);
export const loadFloat = (address: I32, offset = 0): F32 => expr('f32', address.code, [OP.f32Load], memarg(offset));

/** Vectors; a plain number or a single float stands for four of it. */
export type Vector = Vec | F32 | number;
export function vec(value: Vector): Vec {
  if (typeof value !== 'number') {
    return value.type === 'v128' ? value : expr('v128', value.code, simd(SIMD.f32Splat));
  }
  const bytes = float32Bytes(value);
  return expr('v128', simd(SIMD.constant), bytes, bytes, bytes, bytes);
}
const unary =
  (opcode: number) =>
  (a: Vector): Vec =>
    expr('v128', vec(a).code, simd(opcode));
const binary =
  (opcode: number) =>
  (a: Vector, b: Vector): Vec =>
    expr('v128', vec(a).code, vec(b).code, simd(opcode));
export const add = binary(SIMD.f32Add);
export const sub = binary(SIMD.f32Sub);
export const mul = binary(SIMD.f32Mul);
export const div = binary(SIMD.f32Div);
/** The smaller and the larger; a NaN in `a` stays, one in `b` is lost. One instruction each, unlike the symmetric forms. */
export const min = binary(SIMD.f32Pmin);
export const max = binary(SIMD.f32Pmax);
export const lessThan = binary(SIMD.f32Lt);
export const bitAnd = binary(SIMD.and);
/** a where the bits of `mask` are 0. */
export const unless = binary(SIMD.andnot);
/** A mask that keeps the first lane. */
export const firstLane: Vec = expr('v128', simd(SIMD.constant), [
  ...Array<number>(4).fill(0xff),
  ...Array<number>(12).fill(0),
]);
/** Lanes of a where the mask is set, of b elsewhere. */
export const select = (a: Vector, b: Vector, mask: Vec): Vec =>
  expr('v128', vec(a).code, vec(b).code, mask.code, simd(SIMD.bitselect));
export const abs = unary(SIMD.f32Abs);
export const neg = unary(SIMD.f32Neg);
export const sqrt = unary(SIMD.f32Sqrt);
/** The bits as integers: a + b, a shifted left, and the exponent of a positive normal float as a float. */
export const addBits = binary(SIMD.i32Add);
export const shiftBits = (a: Vec, bits: number): Vec =>
  expr('v128', a.code, [OP.i32Const], signed(bits), simd(SIMD.i32Shl));
export const exponentOf = (a: Vec): Vec =>
  sub(expr('v128', a.code, [OP.i32Const, 23], simd(SIMD.i32ShrU), simd(SIMD.f32ConvertI32)), 127);

export const load = (address: I32, offset = 0): Vec => expr('v128', address.code, simd(SIMD.load), memarg(offset));
/** One float, four times. */
export const loadSplat = (address: I32, offset = 0): Vec =>
  expr('v128', address.code, simd(SIMD.load32Splat), memarg(offset));
export const storeCode = (address: I32, value: Vec, offset: number): number[] =>
  expr('v128', address.code, value.code, simd(SIMD.store), memarg(offset)).code as number[];
export const storeOneCode = (address: I32, value: Vec, offset: number): number[] =>
  expr('v128', address.code, value.code, simd(SIMD.store32Lane), memarg(offset), [0]).code as number[];

export const lane = (a: Vec, index: number): F32 => expr('f32', a.code, simd(SIMD.f32ExtractLane), [index]);
/** Lanes of a (0–3) and b (4–7) in a new order. */
export const shuffle = (a: Vec, b: Vec, order: readonly [number, number, number, number]): Vec =>
  expr(
    'v128',
    a.code,
    b.code,
    simd(SIMD.shuffle),
    order.flatMap((l) => [4 * l, 4 * l + 1, 4 * l + 2, 4 * l + 3]),
  );

/** Two doubles from the lower two floats. */
export const promoteLow = (a: Vec): Vec => expr('v128', a.code, simd(SIMD.f64PromoteLow));
export const add64 = binary(SIMD.f64Add);
export const mul64 = binary(SIMD.f64Mul);
/** Sum of the two doubles, rounded to one float. */
export const sum64 = (a: Vec): F32 =>
  expr(
    'f32',
    a.code,
    simd(SIMD.f64ExtractLane),
    [0],
    a.code,
    simd(SIMD.f64ExtractLane),
    [1],
    [OP.f64Add, OP.f32DemoteF64],
  );
