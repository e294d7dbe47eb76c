// The safetensors layout: u64 length of the header, the header as JSON, then the tensors' bytes without gaps.
import { DTYPES, type HostTensor, type SafetensorsDtype } from './host-tensor.js';

/** A file that is not safetensors, or not whole. The message names the file and, where it applies, the tensor. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError';
  constructor(
    readonly path: string,
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(`${path}: ${detail}`, options);
  }
}

export interface TensorEntry {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  /** Byte range after the header. */
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  readonly metadata: Readonly<Record<string, string>>;
  readonly entries: readonly TensorEntry[];
}

export const LENGTH_BYTES = 8;
/** The reference implementation refuses longer headers too. */
export const MAX_HEADER_BYTES = 100_000_000;

/** Checks everything that a header promises against the number of bytes that follow it. */
export function parseHeader(path: string, text: string, dataBytes: number): Header {
  const { __metadata__: metadata = {}, ...tensors } = parseObject(path, text);
  if (!isObject(metadata) || Object.values(metadata).some((value) => typeof value !== 'string')) {
    throw new SafetensorsError(path, 'its __metadata__ is not a table of strings.');
  }
  const entries = Object.entries(tensors).map(([name, entry]) => parseEntry(path, name, entry));
  checkLayout(path, entries, dataBytes);
  return { metadata: metadata as Record<string, string>, entries };
}

function parseObject(path: string, text: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new SafetensorsError(path, 'its header is not JSON: not a safetensors file, or a damaged one.', { cause });
  }
  if (!isObject(parsed)) throw new SafetensorsError(path, 'its header is not a JSON object.');
  return parsed;
}

function parseEntry(path: string, name: string, entry: unknown): TensorEntry {
  const fail = (detail: string) => new SafetensorsError(path, `tensor '${name}' ${detail}`);
  if (!isObject(entry)) throw fail('has no description.');
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !Object.hasOwn(DTYPES, dtype)) {
    throw fail(`has dtype ${JSON.stringify(dtype)}; ${Object.keys(DTYPES).join(', ')} can be read.`);
  }
  if (!isCounts(shape)) throw fail(`has the shape ${JSON.stringify(shape)}, which is not a list of sizes.`);
  if (!isCounts(offsets) || offsets.length !== 2) throw fail(`has the data_offsets ${JSON.stringify(offsets)}.`);
  const [begin, end] = offsets as [number, number];
  const bytes = bytesOfShape(dtype as SafetensorsDtype, shape);
  if (end - begin !== bytes) {
    throw fail(
      `of shape [${shape.join(', ')}] and dtype ${dtype} needs ${bytes} bytes, but its data_offsets span ${end - begin}.`,
    );
  }
  return { name, dtype: dtype as SafetensorsDtype, shape, begin, end };
}

function checkLayout(path: string, entries: readonly TensorEntry[], dataBytes: number): void {
  let reached = 0;
  for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin < reached) throw new SafetensorsError(path, `tensor '${name}' overlaps the one before it.`);
    if (begin > reached)
      throw new SafetensorsError(path, `there is a gap of ${begin - reached} bytes before tensor '${name}'.`);
    if (end > dataBytes) {
      throw new SafetensorsError(
        path,
        `tensor '${name}' ends at byte ${end} of the data, but only ${dataBytes} are there: the file is truncated.`,
      );
    }
    reached = end;
  }
  if (reached !== dataBytes) throw new SafetensorsError(path, `${dataBytes - reached} bytes follow the last tensor.`);
}

/** Bytes of a tensor. */
export const bytesOfShape = (dtype: SafetensorsDtype, shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, DTYPES[dtype].bytes);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);

/**
 * The bytes before the data, the data's size, and the order of the tensors in it: wider elements first, then by name, as the reference
 * implementation writes them, so that every tensor is aligned. Deterministic.
 */
export function formatHeader(
  tensors: Readonly<Record<string, Pick<HostTensor, 'dtype' | 'shape'>>>,
  metadata: Readonly<Record<string, string>>,
): { bytes: Uint8Array; names: readonly string[]; size: number } {
  const width = (name: string) => DTYPES[tensors[name]!.dtype].bytes;
  const names = Object.keys(tensors).sort((a, b) => width(b) - width(a) || (a < b ? -1 : 1));
  const keys = Object.keys(metadata).sort();
  const header: Record<string, unknown> = {};
  if (keys.length > 0) header['__metadata__'] = Object.fromEntries(keys.map((key) => [key, metadata[key]]));
  let begin = 0;
  for (const name of names) {
    const { dtype, shape } = tensors[name]!;
    const end = begin + bytesOfShape(dtype, shape);
    header[name] = { dtype, shape, data_offsets: [begin, end] };
    begin = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(LENGTH_BYTES + padded).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(json, LENGTH_BYTES);
  return { bytes, names, size: begin };
}
