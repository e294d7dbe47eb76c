import { mkdir, open, readFile, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type FeatureSource, teacherOf } from '@hastejs/features';
import { type JsonObject, type TeacherSpec, gridTokens } from '@hastejs/plugin-api';
import { differ } from '../checkpoint/compare.js';
import { type CacheKey, hashOfKey } from './key.js';

/** `cache.json` of a cache's folder. */
interface CacheFile {
  readonly format: 'haste-teacher-cache';
  readonly version: 1;
  readonly key: CacheKey;
  readonly teacher: FeatureSource['teacher'];
  readonly rowsPerShard: number;
}

/** A cache on disk: one folder for each key, among those of other keys. */
export interface CacheFolder extends Omit<CacheFile, 'format' | 'version'> {
  readonly path: string;
  /** What every shard says of itself. */
  readonly source: FeatureSource;
}

/** About the size of a shard of tokens. An interrupted fill loses at most one shard of each tap. */
const SHARD_BYTES = 2 ** 28;

const FILE = 'cache.json';

/** The cache of a key, if it was begun. */
export async function findCache(dir: string, key: CacheKey, dataName: string): Promise<CacheFolder | null> {
  const path = join(dir, folderName(key));
  const file = await readCacheFile(path);
  return file && folderOf(path, file, key, dataName);
}

/** Begins the cache of a key: the teacher's spec is known from now on. @throws the file system's error. */
export async function beginCache(
  dir: string,
  key: CacheKey,
  dataName: string,
  teacher: TeacherSpec,
): Promise<CacheFolder> {
  const path = join(dir, folderName(key));
  const bytesPerRow = gridTokens(teacher.grid) * teacher.width * (key.storage === 'float32' ? 4 : 2);
  const rowsPerShard = Math.max(1, Math.floor(SHARD_BYTES / bytesPerRow));
  const file: CacheFile = { format: 'haste-teacher-cache', version: 1, key, teacher: teacherOf(teacher), rowsPerShard };
  await mkdir(path, { recursive: true });
  await writeDurably(join(path, FILE), `${JSON.stringify(file, null, 2)}\n`);
  return folderOf(path, file, key, dataName);
}

/** Caches of the same teacher in the same place that do not fit, each with everything in which it differs. */
export async function otherCaches(dir: string, key: CacheKey): Promise<{ path: string; differences: string[] }[]> {
  const names = await readdir(dir).catch(() => []);
  const others: { path: string; differences: string[] }[] = [];
  for (const name of names.filter((each) => each !== folderName(key)).sort()) {
    const file = await readCacheFile(join(dir, name));
    if (file?.key.teacher.id !== key.teacher.id) continue;
    const [then, now] = [file.key, key] as unknown as [JsonObject, JsonObject];
    const differences = Object.keys({ ...then, ...now }).flatMap((part) => differ(part, then[part], now[part]));
    others.push({ path: join(dir, name), differences });
  }
  return others;
}

const folderName = (key: CacheKey): string => `${key.teacher.id.replace(/[^A-Za-z0-9]+/g, '-')}-${hashOfKey(key)}`;

function folderOf(path: string, { teacher, rowsPerShard }: CacheFile, key: CacheKey, dataName: string): CacheFolder {
  const { data } = key;
  return { path, key, teacher, rowsPerShard, source: { teacher, data: { name: dataName, ...data } } };
}

/** Null for what is not there, or not whole: it is written anew, and shards tell for themselves what they are. */
async function readCacheFile(path: string): Promise<CacheFile | null> {
  try {
    const file = JSON.parse(await readFile(join(path, FILE), 'utf8')) as CacheFile;
    return file.format === 'haste-teacher-cache' && file.version === 1 ? file : null;
  } catch {
    return null;
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  const file = await open(draft, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
