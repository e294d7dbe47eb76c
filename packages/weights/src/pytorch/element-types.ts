import type { SafetensorsDtype } from '@hastejs/tensor';

/** How a storage keeps its elements: their bytes in the file, and what they are read as. */
export interface ElementType {
  readonly stored: 'f4' | 'f2' | 'bf2' | 'f8' | 'i8' | 'i4' | 'i2' | 'i1' | 'u1' | 'b1';
  readonly bytes: number;
  /** float64 is rounded to F32, and what is narrower than I32 widened to it: Haste keeps neither. */
  readonly dtype: SafetensorsDtype;
}

const f4: ElementType = { stored: 'f4', bytes: 4, dtype: 'F32' };
const f8: ElementType = { stored: 'f8', bytes: 8, dtype: 'F32' };
const f2: ElementType = { stored: 'f2', bytes: 2, dtype: 'F16' };
const bf2: ElementType = { stored: 'bf2', bytes: 2, dtype: 'BF16' };
const i8: ElementType = { stored: 'i8', bytes: 8, dtype: 'I64' };
const i4: ElementType = { stored: 'i4', bytes: 4, dtype: 'I32' };
const i2: ElementType = { stored: 'i2', bytes: 2, dtype: 'I32' };
const i1: ElementType = { stored: 'i1', bytes: 1, dtype: 'I32' };
const u1: ElementType = { stored: 'u1', bytes: 1, dtype: 'U8' };
const b1: ElementType = { stored: 'b1', bytes: 1, dtype: 'BOOL' };

/** Element types by the names that pickles have for them. */
export const ELEMENT_TYPES: ReadonlyMap<string, ElementType> = new Map([
  ['torch.float32', f4],
  ['torch.float', f4],
  ['torch.float64', f8],
  ['torch.double', f8],
  ['torch.float16', f2],
  ['torch.half', f2],
  ['torch.bfloat16', bf2],
  ['torch.int64', i8],
  ['torch.long', i8],
  ['torch.int32', i4],
  ['torch.int16', i2],
  ['torch.int8', i1],
  ['torch.uint8', u1],
  ['torch.bool', b1],
]);

/** Classes of storages; null: bytes without a type. */
export const STORAGE_TYPES: ReadonlyMap<string, ElementType | null> = new Map([
  ['torch.FloatStorage', f4],
  ['torch.DoubleStorage', f8],
  ['torch.HalfStorage', f2],
  ['torch.BFloat16Storage', bf2],
  ['torch.LongStorage', i8],
  ['torch.IntStorage', i4],
  ['torch.ShortStorage', i2],
  ['torch.CharStorage', i1],
  ['torch.ByteStorage', u1],
  ['torch.BoolStorage', b1],
  ['torch.storage.UntypedStorage', null],
]);
