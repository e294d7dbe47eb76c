// The part of the WebAssembly instruction set that the kernels use (core specification 2.0, fixed-width SIMD).

/** One-byte instructions. */
export const OP = {
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  call: 0x10,
  localGet: 0x20,
  localSet: 0x21,
  f32Load: 0x2a,
  f32Store: 0x38,
  i32Const: 0x41,
  f32Const: 0x43,
  i32Eqz: 0x45,
  i32LtU: 0x49,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32And: 0x71,
  i32Shl: 0x74,
  f32Sqrt: 0x91,
  f32Add: 0x92,
  f32Sub: 0x93,
  f32Mul: 0x94,
  f32Div: 0x95,
  f32Max: 0x97,
  f64Add: 0xa0,
  f32ConvertI32U: 0xb3,
  f32DemoteF64: 0xb6,
} as const;

/** Instructions behind the SIMD prefix. */
export const SIMD = {
  load: 0x00,
  load32Splat: 0x09,
  store: 0x0b,
  constant: 0x0c,
  shuffle: 0x0d,
  f32Splat: 0x13,
  f32ExtractLane: 0x1f,
  f64ExtractLane: 0x21,
  f32Lt: 0x43,
  and: 0x4e,
  andnot: 0x4f,
  bitselect: 0x52,
  store32Lane: 0x5a,
  f64PromoteLow: 0x5f,
  i32Shl: 0xab,
  i32ShrU: 0xad,
  i32Add: 0xae,
  f32Abs: 0xe0,
  f32Neg: 0xe1,
  f32Sqrt: 0xe3,
  f32Add: 0xe4,
  f32Sub: 0xe5,
  f32Mul: 0xe6,
  f32Div: 0xe7,
  f32Pmin: 0xea,
  f32Pmax: 0xeb,
  f64Add: 0xf0,
  f64Mul: 0xf2,
  f32ConvertI32: 0xfa,
} as const;

export const SIMD_PREFIX = 0xfd;
/** memory.copy: destination, source, bytes. */
export const MEMORY_COPY = [0xfc, 0x0a, 0x00, 0x00] as const;

export const TYPE = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
export type Type = keyof typeof TYPE;
/** Type of a block that leaves nothing on the stack. */
export const VOID = 0x40;

/** Unsigned LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  do {
    const more = rest > 0x7f;
    bytes.push((rest & 0x7f) | (more ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return bytes;
}

/** Signed LEB128 of a 32-bit integer. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const done = (rest === 0 && !(low & 0x40)) || (rest === -1 && low & 0x40);
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}

export const float32Bytes = (value: number): number[] => [...new Uint8Array(Float32Array.of(value).buffer)];
