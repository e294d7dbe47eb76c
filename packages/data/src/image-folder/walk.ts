import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { mapConcurrently } from '../concurrently.js';

/** A file or folder that cannot be used, and why, in the middle of a sentence: `cats/a.png` `is empty (0 bytes)`. */
export interface Fault {
  readonly path: string;
  readonly reason: string;
}

export interface FoundFile {
  /** From the root, with `/` between folders on every system. */
  readonly path: string;
  readonly size: number;
}

export interface Listing {
  readonly folders: readonly string[];
  readonly files: readonly FoundFile[];
  readonly faults: readonly Fault[];
}

/** Order by code unit: the same on every machine, whatever its locale. */
export const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * One folder's entries by name, symbolic links followed. Hidden entries (`.DS_Store`, `.git`) are passed over.
 * @param folder from the root; '' is the root itself.
 */
export async function listFolder(root: string, folder: string): Promise<Listing> {
  const names = await readdir(join(root, folder)).catch(errorCode);
  if (typeof names === 'string') {
    return { folders: [], files: [], faults: [fault(folder, `cannot be listed (${names})`)] };
  }
  const visible = names.filter((name) => !name.startsWith('.')).sort(byCodeUnit);
  const paths = visible.map((name) => (folder === '' ? name : `${folder}/${name}`));
  const found = await mapConcurrently(paths, 32, (path) => stat(join(root, path)).catch(errorCode));
  const folders: string[] = [];
  const files: FoundFile[] = [];
  const faults: Fault[] = [];
  for (const [index, path] of paths.entries()) {
    const entry = found[index]!;
    if (typeof entry === 'string') faults.push(fault(path, LINK_FAULTS[entry] ?? `cannot be looked at (${entry})`));
    else if (entry.isDirectory()) folders.push(path);
    else if (entry.isFile()) files.push({ path, size: entry.size });
  }
  return { folders, files, faults };
}

const LINK_FAULTS: Readonly<Record<string, string>> = {
  ELOOP: 'is a link in a loop of links',
  ENOENT: 'is a link to nothing',
};

/**
 * All files below a folder, and what could not be followed.
 * @param above real paths of the folders that it lies in; a link to one of them, or above them, would never end.
 */
export async function walk(root: string, folder: string, above: readonly string[]): Promise<Omit<Listing, 'folders'>> {
  const loop = await linkBack(root, folder, above);
  if (loop) return { files: [], faults: [loop] };
  const real = await realpath(join(root, folder));
  const { folders, files, faults } = await listFolder(root, folder);
  const all = { files: [...files], faults: [...faults] };
  for (const inner of folders) {
    const below = await walk(root, inner, [...above, real]);
    for (const file of below.files) all.files.push(file);
    all.faults.push(...below.faults);
  }
  return all;
}

/** The fault of a folder that is a link to a folder it lies in. */
export async function linkBack(root: string, folder: string, above: readonly string[]): Promise<Fault | null> {
  const real = await realpath(join(root, folder));
  const back = above.some((path) => path === real || path.startsWith(real.endsWith(sep) ? real : real + sep));
  return back ? fault(folder, 'is a link back to a folder that it lies in') : null;
}

const fault = (path: string, reason: string): Fault => ({ path, reason });
const errorCode = (error: NodeJS.ErrnoException): string => error.code ?? error.message;
