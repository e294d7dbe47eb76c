// Checkpoints as torch.save writes them, and as it never would: pickles by their instructions, in a zip archive.
import type { HostTensor, SafetensorsDtype } from '@hastejs/tensor';

const bytes = (...parts: (string | Uint8Array)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));
const number = (size: 2 | 4 | 8, value: number): Buffer => {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer.subarray(0, size);
};

/** Values as instructions of pickle. */
export const int = (value: number): Buffer => bytes('\x8a\x08', number(8, value));
export const text = (value: string): Buffer => bytes('X', number(4, Buffer.byteLength(value)), Buffer.from(value));
export const tuple = (...items: Buffer[]): Buffer => bytes('(', ...items, 't');
export const dict = (items: Readonly<Record<string, Buffer>>): Buffer =>
  bytes('}(', ...Object.entries(items).flatMap(([key, value]) => [text(key), value]), 'u');
export const named = (module: string, name: string): Buffer => bytes(`c${module}\n${name}\n`);
export const call = (callee: Buffer, ...args: Buffer[]): Buffer => bytes(callee, tuple(...args), 'R');
export const raw = (instructions: string): Buffer => bytes(instructions);
export const pickle = (...body: Buffer[]): Buffer => bytes('\x80\x02', ...body, '.');

interface Saved {
  readonly key?: string;
  readonly type?: string;
  /** Elements that the storage is said to have. */
  readonly length?: number;
  readonly offset?: number;
  readonly shape?: readonly number[];
  readonly strides?: readonly number[];
}

/** A float32 tensor [2] of the storage '0', unless told otherwise. */
export function savedTensor({ key = '0', type = 'FloatStorage', length = 2, offset = 0, ...view }: Saved = {}): Buffer {
  const { shape = [2], strides = [1] } = view;
  const storage = bytes(tuple(text('storage'), named('torch', type), text(key), text('cpu'), int(length)), 'Q');
  const sizes = [shape, strides].map((list) => tuple(...list.map(int)));
  return call(named('torch._utils', '_rebuild_tensor_v2'), storage, int(offset), ...sizes, raw('\x89'), raw('N'));
}

export interface ZipOptions {
  /** With 64-bit fields, as archives beyond 4 GiB have them. */
  readonly wide?: boolean;
  readonly method?: number;
}

/** An archive of stored entries. */
export function zipOf(
  entries: Readonly<Record<string, Buffer>>,
  { wide = false, method = 0 }: ZipOptions = {},
): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, data] of Object.entries(entries)) {
    const sizes = bytes(number(4, data.length), number(4, data.length));
    const lengths = bytes(number(2, name.length), number(2, 0));
    const local = bytes('PK\x03\x04', number(4, 0), number(2, method), Buffer.alloc(8), sizes, lengths, name);
    const own = wide
      ? bytes(number(2, 1), number(2, 24), number(8, data.length), number(8, data.length), number(8, at))
      : '';
    const fields = wide ? Buffer.alloc(8, 0xff) : sizes;
    const start = wide ? Buffer.alloc(4, 0xff) : number(4, at);
    const head = bytes(
      'PK\x01\x02',
      Buffer.alloc(6),
      number(2, method),
      Buffer.alloc(8),
      fields,
      number(2, name.length),
    );
    directory.push(bytes(head, number(2, own.length), Buffer.alloc(10), start, name, own));
    parts.push(local, data);
    at += local.length + data.length;
  }
  const whole = bytes(...directory);
  const count = directory.length;
  if (!wide) return bytes(...parts, whole, endOf(count, whole.length, at));
  const end64 = bytes(
    'PK\x06\x06',
    number(8, 44),
    Buffer.alloc(12),
    number(8, count),
    number(8, count),
    number(8, whole.length),
    number(8, at),
  );
  const locator = bytes('PK\x06\x07', number(4, 0), number(8, at + whole.length), number(4, 1));
  return bytes(...parts, whole, end64, locator, endOf(0xffff, 0xffffffff, 0xffffffff));
}

export const endOf = (count: number, size: number, offset: number): Buffer =>
  bytes(
    'PK\x05\x06',
    number(4, 0),
    number(2, count),
    number(2, count),
    number(4, size),
    number(4, offset),
    number(2, 0),
  );

/** A checkpoint of one pickle and its storages; storage '0' holds the float32 numbers 1 and 2 unless told otherwise. */
export function checkpoint(
  root: Buffer,
  storages: Readonly<Record<string, Buffer>> = { 0: ONE_TWO },
  options: ZipOptions = {},
): Buffer {
  const data = Object.entries(storages).map(([key, value]) => [`w/data/${key}`, value] as const);
  return zipOf({ 'w/data.pkl': pickle(root), ...Object.fromEntries(data) }, options);
}
const ONE_TWO = Buffer.from(Float32Array.of(1, 2).buffer);

const STORAGES: Readonly<Record<SafetensorsDtype, string>> = {
  F32: 'FloatStorage',
  F16: 'HalfStorage',
  BF16: 'BFloat16Storage',
  I32: 'IntStorage',
  I64: 'LongStorage',
  U8: 'ByteStorage',
  BOOL: 'BoolStorage',
};

/** A checkpoint { model: tensors }. */
export function checkpointOf(tensors: Readonly<Record<string, HostTensor>>): Buffer {
  const all = Object.entries(tensors).map(([name, { dtype, shape, data }], index) => {
    const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
    const key = String(index);
    const saved = savedTensor({ key, type: STORAGES[dtype], length: data.length, shape, strides });
    return { name, key, saved, storage: Buffer.from(data.buffer, data.byteOffset, data.byteLength) };
  });
  const model = dict(Object.fromEntries(all.map(({ name, saved }) => [name, saved])));
  return checkpoint(dict({ model }), Object.fromEntries(all.map(({ key, storage }) => [key, storage])));
}
