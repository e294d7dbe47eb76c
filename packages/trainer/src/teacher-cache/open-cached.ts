import { mkdir } from 'node:fs/promises';
import type { Recipe, RunScope, TeacherCache } from '@hastejs/core';
import { type Dataset, HasteError, type Ref, type Student, type TeacherEncoder } from '@hastejs/plugin-api';
import { diskError } from '../checkpoint/save.js';
import { beginCache, findCache, otherCaches } from './cache-folder.js';
import { CachedTeacher } from './cached-teacher.js';
import { cacheKey } from './key.js';

/** A teacher of a recipe that is to be kept. */
export interface CachedRef {
  readonly teacher: Ref<'teacher'>;
  readonly cache: TeacherCache;
}

/**
 * The cache of a teacher, begun if there is none. The teacher itself is created only in the latter case: a cache that was
 * begun knows its spec.
 * @throws HasteError RECIPE_INVALID when its features cannot be kept, DISK when the folder cannot be written.
 */
export async function openCached(
  run: RunScope,
  recipe: Recipe,
  ref: CachedRef,
  parts: { readonly dataset: Dataset; readonly student: Student },
): Promise<CachedTeacher> {
  const key = await cacheKey(run, recipe, ref, parts);
  const dir = run.files.resolve(ref.cache.dir);
  const { name } = parts.dataset.spec;
  const live = {
    create: async () => ofPixels(ref, await run.create(ref.teacher)),
    release: (teacher: TeacherEncoder) => run.release(teacher),
  };
  const found = await findCache(dir, key, name);
  const cached = found ? new CachedTeacher(found, live, null) : await begin();
  run.onClose(() => cached.close());
  return cached;

  async function begin(): Promise<CachedTeacher> {
    const teacher = await live.create();
    try {
      await mkdir(dir, { recursive: true });
      await tellChanges(run, dir, key);
      return new CachedTeacher(await beginCache(dir, key, name, teacher.spec), live, teacher);
    } catch (error) {
      throw diskError(error, dir);
    }
  }
}

/** A new key beside old caches of the same teacher: why they do not serve, and that they are still there. */
async function tellChanges(run: RunScope, dir: string, key: Parameters<typeof otherCaches>[1]): Promise<void> {
  for (const { path, differences } of await otherCaches(dir, key)) {
    run.notices.info(
      `The teacher cache ${path} does not serve this run: it differs in ${differences.join(', ')}. Remove it if nothing needs it any more.`,
    );
  }
}

function ofPixels({ teacher: { id } }: CachedRef, teacher: TeacherEncoder): TeacherEncoder {
  if (teacher.needs === undefined) return teacher;
  throw new HasteError('RECIPE_INVALID', {
    what: `The features of ${id} cannot be kept: they do not follow from the image alone.`,
    where: 'alignment.cache',
    fix: 'Leave the cache of this teacher out.',
  });
}
