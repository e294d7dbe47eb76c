import { isDeepStrictEqual } from 'node:util';
import type { Taps } from '@hastejs/plugin-api';
import type { TensorEntry } from '@hastejs/tensor';
import { type FeatureSource, STORAGES, type StorageDtype, tapsAmong, tensorsOf, totalRows } from './format.js';
import type { Segment, StoredTensor } from './reader.js';
import type { FeatureFile } from './scan.js';

/** What the files of a feature set hold together. */
export interface FeatureSet {
  readonly source: FeatureSource;
  /** Taps of which every row is there. */
  readonly taps: Taps;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Whatever does not fit: files against each other, shapes against the teacher they name. Then nothing may be read. */
  readonly faults: readonly string[];
}

/** Puts the files of a feature set together. Tensors of which rows are missing are left out. */
export function joinFeatures(files: readonly FeatureFile[]): FeatureSet {
  const { version: _version, first: _first, ...source } = files[0]!.metadata;
  const faults: string[] = [];
  const pieces = new Map<string, { entry: TensorEntry; segment: Segment }[]>();
  for (const file of files) {
    const { version: _v, first, ...own } = file.metadata;
    if (!isDeepStrictEqual(own, source))
      faults.push(`${file.path} is of another teacher or data set than ${files[0]!.path}`);
    for (const entry of file.entries) {
      const segment = { path: file.path, start: file.dataStart + entry.begin, first, count: entry.shape[0] ?? 0 };
      pieces.set(entry.name, [...(pieces.get(entry.name) ?? []), { entry, segment }]);
    }
  }
  const shapes = rowShapes(source);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, found] of pieces) {
    const fault = faultOf(
      name,
      found.map(({ entry }) => entry),
      shapes.get(name),
    );
    if (fault) faults.push(fault);
    const segments = found.map(({ segment }) => segment).sort((a, b) => a.first - b.first);
    const { dtype, shape } = found[0]!.entry;
    if (!fault && covers(segments, totalRows(source))) {
      tensors.set(name, { dtype: dtype as StorageDtype, row: shape.slice(1), segments });
    }
  }
  return { source, taps: tapsAmong(new Set(tensors.keys()), source.teacher), tensors, faults };
}

/** Rows of every tensor that the format has for this teacher. */
function rowShapes({ teacher }: FeatureSource): ReadonlyMap<string, readonly number[]> {
  const every = Array.from({ length: teacher.blocks }, (_, block) => block);
  const tensors = tensorsOf({ tokens: [...every, 'final'], attention: every }, teacher);
  return new Map(tensors.map(({ name, row }) => [name, row]));
}

function faultOf(name: string, entries: readonly TensorEntry[], row: readonly number[] | undefined): string | null {
  if (!row) return `'${name}' is no tensor of features of this teacher`;
  const dtypes = [...new Set(entries.map(({ dtype }) => dtype))];
  const [dtype] = dtypes;
  if (dtypes.length > 1 || !Object.values<string>(STORAGES).includes(dtype!)) {
    return `'${name}' is kept as ${dtypes.join(' and ')}; it must be ${Object.values(STORAGES).join(', ')}, the same in all files`;
  }
  const wrong = entries.find(({ shape }) => !isDeepStrictEqual(shape.slice(1), row));
  if (!wrong) return null;
  return `'${name}' is [${wrong.shape.join(', ')}], but its teacher gives [n, ${row.join(', ')}]`;
}

/** Whether every row is there exactly once. */
function covers(segments: readonly Segment[], rows: number): boolean {
  let reached = 0;
  for (const { first, count } of segments) {
    if (first !== reached) return false;
    reached += count;
  }
  return reached === rows;
}
