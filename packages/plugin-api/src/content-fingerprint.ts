import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/**
 * SHA-256 of a file's bytes, or of the names and bytes of all files under a folder: what a teacher's `fingerprint` tells
 * its weights apart by. Reads through without keeping (about a second for a gigabyte that the system has in memory).
 * @throws the file system's error when something is not there.
 */
export async function contentFingerprint(path: string): Promise<string> {
  if (!(await stat(path)).isDirectory()) return hashOfFile(path);
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  const hash = createHash('sha256');
  for (const file of files.sort()) hash.update(`${file.slice(path.length)}\0${await hashOfFile(file)}\n`);
  return hash.digest('hex');
}

async function hashOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash);
  return hash.digest('hex');
}
