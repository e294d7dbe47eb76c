import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { HasteError } from './errors.js';

/**
 * SHA-256 of a file's bytes, or of the names and bytes of all files under a folder: what a teacher's `fingerprint` tells
 * its weights apart by. Reads through without keeping (about a second for a gigabyte that the system has in memory).
 * @throws HasteError WEIGHTS_UNREADABLE when there is nothing, or it cannot be read.
 */
export async function contentFingerprint(path: string): Promise<string> {
  try {
    return (await stat(path)).isDirectory() ? await hashOfFolder(path) : await hashOfFile(path);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new HasteError('WEIGHTS_UNREADABLE', {
      what: missing ? 'The weight file is not there.' : (cause as Error).message,
      where: path,
      fix: "Name a file or folder that can be read; relative paths start at the recipe's folder.",
      cause,
    });
  }
}

async function hashOfFolder(path: string): Promise<string> {
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
