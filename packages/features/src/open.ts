import { isDeepStrictEqual } from 'node:util';
import { type DataSpec, HasteError, type Taps, formatGrid } from '@hastejs/plugin-api';
import { type FeatureSet, joinFeatures } from './feature-set.js';
import { type FeatureSource, dataOf } from './format.js';
import { FeatureReader } from './reader.js';
import { scanFeatures } from './scan.js';

/** Features of a data set, checked against it and ready to be read. */
export interface OpenFeatures {
  readonly source: FeatureSource;
  readonly taps: Taps;
  readonly reader: FeatureReader;
}

/**
 * Opens a file of features, or a folder of them, for a data set.
 * @throws HasteError WEIGHTS_UNREADABLE for what is missing, truncated or of another kind; TEACHER_MISMATCH with everything
 * that does not fit the data set or the teacher that the files name.
 */
export async function openFeatures(path: string, data: DataSpec): Promise<OpenFeatures> {
  const set = joinFeatures(await scanFeatures(path));
  const faults = [...dataFaults(set, data), ...set.faults];
  const { taps } = set;
  if (faults.length === 0 && taps.tokens.length + taps.attention.length === 0) faults.push(incomplete(set));
  if (faults.length > 0) {
    throw new HasteError('TEACHER_MISMATCH', {
      what: `The features cannot be used with ${data.name}: ${faults.join('; ')}.`,
      where: path,
      fix: 'Compute them anew on this data set, or train on the one that they were computed on.',
    });
  }
  return { source: set.source, taps, reader: new FeatureReader(set.tensors, data.length) };
}

function dataFaults({ source }: FeatureSet, spec: DataSpec): string[] {
  const now = dataOf(spec);
  const then = source.data;
  if (!now) return ['its augmentation cannot be counted, so no kept features can be those of its images'];
  const faults: string[] = [];
  if (then.length !== now.length) faults.push(`they are of ${then.length} images, and it has ${now.length}`);
  if (then.fingerprint !== now.fingerprint) {
    faults.push(
      `they are of images with the fingerprint ${then.fingerprint} (${then.name}), and its is ${now.fingerprint}`,
    );
  }
  if (!isDeepStrictEqual(then.variants, now.variants)) {
    faults.push(
      `they are of the variants ${then.variants.join(', ')}, and its augmentation gives ${now.variants.join(', ')}`,
    );
  }
  return faults;
}

function incomplete({ source: { teacher } }: FeatureSet): string {
  return `of no tap of ${teacher.name} (${teacher.blocks} blocks, ${formatGrid(teacher.grid)} tokens) they hold every row`;
}
