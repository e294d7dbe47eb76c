import { existsSync } from 'node:fs';
import { link, mkdir, readlink, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { RepoCache } from './cache-layout.js';

/** Puts the blob under the file's name into a snapshot, as a link; where links need a right (Windows), as the same file. */
export async function linkIntoSnapshot(snapshot: string, path: string, blob: string): Promise<void> {
  const place = join(snapshot, path);
  await mkdir(dirname(place), { recursive: true });
  const target = relative(dirname(place), blob);
  if ((await readlink(place).catch(() => null)) === target) return;
  await beside(place, async (draft) => {
    await symlink(target, draft).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPERM') throw error;
      return link(blob, draft);
    });
  });
}

/** Notes which commit a branch or tag was. */
export async function writeRef(ref: string, commit: string): Promise<void> {
  await mkdir(dirname(ref), { recursive: true });
  await beside(ref, (draft) => writeFile(draft, commit));
}

/** Notes that a commit does not have a file, so that nobody asks again. */
export async function noteAbsent(note: string): Promise<void> {
  await mkdir(dirname(note), { recursive: true });
  await writeFile(note, '');
}

/** Whether the snapshot has all of the files, and each of the optional ones or the note that it does not exist. */
export function isComplete(
  cache: RepoCache,
  commit: string,
  files: readonly string[],
  optional: readonly string[],
): boolean {
  const here = (path: string): boolean => existsSync(join(cache.snapshot(commit), path));
  return files.every(here) && optional.every((path) => here(path) || existsSync(cache.absent(commit, path)));
}

/** Whether a blob is there with the size that it must have. Its bytes were checked when it came. */
export async function hasBlob(blob: string, size: number): Promise<boolean> {
  return (await stat(blob).catch(() => null))?.size === size;
}

/** Made beside and renamed: what is under the name is whole. */
async function beside(place: string, make: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${place}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    await make(draft);
    await rename(draft, place);
  } finally {
    await rm(draft, { force: true });
  }
}
