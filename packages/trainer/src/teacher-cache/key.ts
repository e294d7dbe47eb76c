import { createHash } from 'node:crypto';
import type { Recipe, RunScope, TeacherCache } from '@hastejs/core';
import { type FeatureSource, dataOf } from '@hastejs/features';
import {
  type Dataset,
  HasteError,
  type ImageShape,
  type Json,
  type JsonObject,
  type Precision,
  type Ref,
  type StudentSpec,
  type TokenGrid,
} from '@hastejs/plugin-api';
import { canonicalJson } from '../canonical-json.js';

/** Everything that the numbers of a cache depend on, apart from which taps are taken. Plain data: it is kept as text. */
export interface CacheKey {
  readonly teacher: { readonly id: string; readonly with: JsonObject };
  /** Name and version of its plugin. */
  readonly plugin: string;
  /** Content hash of its weights. */
  readonly contents: string;
  /** Teachers fit their grid and their resizing to these. */
  readonly grid: TokenGrid;
  readonly image: ImageShape;
  readonly precision: Precision;
  readonly storage: TeacherCache['storage'];
  readonly data: Omit<FeatureSource['data'], 'name'>;
}

/**
 * The key of a teacher's cache, found without creating the teacher.
 * @throws HasteError RECIPE_INVALID when its features cannot be kept, or not on this data set.
 */
export async function cacheKey(
  run: RunScope,
  recipe: Recipe,
  { teacher, cache }: { readonly teacher: Ref<'teacher'>; readonly cache: TeacherCache },
  { dataset, student }: { readonly dataset: Dataset; readonly student: { readonly spec: StudentSpec } },
): Promise<CacheKey> {
  const { plugin, contents } = await run.identify(teacher);
  if (contents === null) throw unkeepable(teacher);
  const { name: _name, ...data } = countable(dataset);
  const { grid } = student.spec;
  const { channels, height, width } = dataset.spec.image;
  return {
    teacher: { id: teacher.id, with: teacher.with },
    plugin,
    contents,
    grid: { height: grid.height, width: grid.width },
    image: { channels, height, width },
    precision: recipe.precision,
    storage: cache.storage,
    data,
  };
}

export const hashOfKey = (key: CacheKey): string =>
  createHash('sha256')
    .update(canonicalJson(key as unknown as Json))
    .digest('hex')
    .slice(0, 16);

function countable({ spec, readItems }: Dataset): FeatureSource['data'] {
  const data = dataOf(spec);
  if (data && (data.variants.length === 1 || readItems)) return data;
  throw new HasteError('RECIPE_INVALID', {
    what: `The augmentation of ${spec.name} cannot be counted, so features of its images cannot be computed ahead.`,
    where: 'alignment.cache',
    fix: 'Leave the cache out, or use a data set that names its variants.',
  });
}

function unkeepable({ id }: Ref<'teacher'>): HasteError {
  return new HasteError('RECIPE_INVALID', {
    what: `The features of ${id} cannot be kept: they do not follow from the image alone, or it does not say which weights they follow from.`,
    where: 'alignment.cache',
    fix: 'Leave the cache of this teacher out. (To its author: give the teacher a `fingerprint`, see docs/teacher-cache.md.)',
  });
}
