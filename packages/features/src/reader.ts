// B rows, T patch tokens, D width, H heads, d head size.
import type { BatchItems, TapData, Taps } from '@hastejs/plugin-api';
import { type HostTensor, bytesOfShape } from '@hastejs/tensor';
import { type StorageDtype, keysName, queriesName, tokensName } from './format.js';
import { Handles, type Read } from './handles.js';

/** Consecutive rows of one tensor in one file. */
export interface Segment {
  readonly path: string;
  /** Byte of the file where the first row begins. */
  readonly start: number;
  readonly first: number;
  readonly count: number;
}

/** A tensor whose rows lie in one file or several. */
export interface StoredTensor {
  readonly dtype: StorageDtype;
  /** Shape of a row. */
  readonly row: readonly number[];
  /** Without gaps, by their first row. */
  readonly segments: readonly Segment[];
}

/** Rows of features by data item. Nothing but the rows asked for is read, and nothing is kept but open files. */
export class FeatureReader {
  private readonly handles = new Handles();

  constructor(
    private readonly tensors: ReadonlyMap<string, StoredTensor>,
    /** Number of images of the data set. */
    private readonly length: number,
  ) {}

  /** The taps of a batch in the precision that they are kept in. */
  async read({ indices_B, variants_B }: BatchItems, taps: Taps): Promise<TapData> {
    const rows_B = Array.from(indices_B, (index, b) => variants_B[b]! * this.length + index);
    const rows = (name: string) => this.rows(name, rows_B);
    const [tokens, attention] = await Promise.all([
      Promise.all(taps.tokens.map(async (site) => [site, await rows(tokensName(site))] as const)),
      Promise.all(
        taps.attention.map(async (block) => {
          const [q_BHTd, k_BHTd] = await Promise.all([rows(queriesName(block)), rows(keysName(block))]);
          return [block, { q_BHTd, k_BHTd }] as const;
        }),
      ),
    ]);
    return { tokens: new Map(tokens), attention: new Map(attention) };
  }

  close(): Promise<void> {
    return this.handles.close();
  }

  private async rows(name: string, rows_B: readonly number[]): Promise<HostTensor> {
    const { dtype, row, segments } = this.tensors.get(name)!;
    const size = bytesOfShape(dtype, row);
    const bytes = new Uint8Array(rows_B.length * size);
    const byFile = new Map<string, Read[]>();
    for (const [b, at] of rows_B.entries()) {
      const { path, start, first } = segmentOf(segments, at);
      const read = { into: bytes.subarray(b * size, (b + 1) * size), position: start + (at - first) * size };
      byFile.set(path, [...(byFile.get(path) ?? []), read]);
    }
    await Promise.all([...byFile].map(([path, reads]) => this.handles.read(path, reads)));
    const data = dtype === 'F32' ? new Float32Array(bytes.buffer) : new Uint16Array(bytes.buffer);
    return { dtype, shape: [rows_B.length, ...row], data };
  }
}

/** Binary search. */
function segmentOf(segments: readonly Segment[], row: number): Segment {
  let [low, high] = [0, segments.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (segments[middle]!.first <= row) low = middle;
    else high = middle - 1;
  }
  return segments[low]!;
}
