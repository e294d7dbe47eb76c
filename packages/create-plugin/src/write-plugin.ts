import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CreateError } from './create-error.js';
import type { Files } from './template.js';

/**
 * Writes files into a folder that is new, or empty. They are written beside it first, under a name that begins with a dot,
 * and moved when all are there: a full disk or Ctrl-C leaves no half of a plugin behind.
 * @throws CreateError when the folder holds something, is a file, or cannot be written.
 */
export async function writePlugin(folder: string, files: Files): Promise<void> {
  const there = await contentsOf(folder);
  if (there !== null && there.length > 0) throw notEmpty(folder, there);
  let draft: string | null = null;
  try {
    await mkdir(dirname(folder), { recursive: true });
    // Not by mkdtemp, whose folders nobody else may read.
    draft = join(dirname(folder), `.${basename(folder)}-${randomUUID()}`);
    await mkdir(draft);
    for (const [path, text] of files) {
      await mkdir(join(draft, dirname(path)), { recursive: true });
      await writeFile(join(draft, path), text);
    }
    await (there === null ? rename(draft, folder) : moveInto(draft, folder));
  } catch (error) {
    throw unwritable(folder, error);
  } finally {
    if (draft !== null) await rm(draft, { recursive: true, force: true });
  }
}

/** Names in a folder, or null when there is none. */
async function contentsOf(folder: string): Promise<string[] | null> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unwritable(folder, error);
  }
}

/** An empty folder is filled, not replaced: somebody may stand in it. package.json comes last, and makes it a package. */
async function moveInto(draft: string, folder: string): Promise<void> {
  const names = (await readdir(draft)).filter((name) => name !== 'package.json');
  for (const name of [...names, 'package.json']) await rename(join(draft, name), join(folder, name));
}

function notEmpty(folder: string, there: readonly string[]): CreateError {
  const shown = there.slice(0, 3).join(', ');
  const more = there.length > 3 ? ` and ${there.length - 3} more` : '';
  const what = `${folder} is not empty: it holds ${shown}${more}.`;
  return new CreateError(what, 'Nothing was written. Name another folder with --dir, or empty this one.');
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTDIR: 'it, or a part of its path, is a file',
  EEXIST: 'it, or a part of its path, is a file',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTEMPTY: 'something was put there meanwhile',
  ENAMETOOLONG: 'the file system takes no name that long',
};

function unwritable(folder: string, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  const what = `${folder} cannot be written: ${REASONS[code] ?? message}.`;
  return new CreateError(what, 'Name another folder with --dir.', error);
}
