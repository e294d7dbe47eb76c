import { type HasteErrorDetails, HasteError } from '@hastejs/plugin-api';

// N items, H height, W width.

/** An IDX file of unsigned bytes: big-endian magic 0x0000 08 <rank>, the sizes, then the values. */
export interface Idx {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const UINT8 = 0x08;

/**
 * Reads IDX bytes.
 * @param rank axes expected: 3 for images [N, H, W], 1 for labels [N].
 * @throws HasteError IMAGE_UNREADABLE if they are of another kind, or are not exactly as many as their header says.
 */
export function parseIdx(bytes: Uint8Array, rank: number, where: string): Idx {
  const header = 4 + 4 * rank;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < header)
    throw badFile(where, `The IDX file has ${bytes.length} bytes, less than its header of ${header}`);
  const magic = view.getUint32(0);
  const expected = (UINT8 << 8) | rank;
  if (magic !== expected) {
    throw badFile(where, `The IDX file begins with ${hex(magic)} and not ${hex(expected)} (bytes, ${rank} axes)`);
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = shape.reduce((product, length) => product * length, 1);
  if (bytes.length !== header + size) {
    throw badFile(where, `The IDX file says ${shape.join('×')} values, but holds ${bytes.length - header}`);
  }
  return { shape, data: bytes.subarray(header) };
}

export function badFile(where: string, what: string, cause?: unknown): HasteError {
  const details: HasteErrorDetails = {
    what: `${what}.`,
    where,
    fix: 'Get the file again; it is damaged or another file.',
  };
  return new HasteError('IMAGE_UNREADABLE', { ...details, cause });
}

const hex = (word: number): string => `0x${word.toString(16).padStart(8, '0')}`;
