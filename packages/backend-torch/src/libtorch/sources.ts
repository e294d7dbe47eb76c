import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { PACKAGE } from './home.js';

/** The addon's C++ in this package. */
export const NATIVE = join(PACKAGE, 'native');

export interface Sources {
  readonly folder: string;
  /** Each compiled on its own: the `.cc` files, sorted. */
  readonly units: readonly Source[];
  /** Of all files, names included: what a build was made from. */
  readonly hash: string;
}

export interface Source {
  /** Below the folder. */
  readonly path: string;
  /** Of its text and of every header of the folder that it includes, directly or not. */
  readonly hash: string;
}

/** Reads the C++ files of a folder and of those in it. A few dozen small files: about a millisecond. */
export function readSources(folder: string): Sources {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(cc|h)$/.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
  const texts = new Map(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
  const textsOf = (names: Iterable<string>) =>
    hashOf(JSON.stringify([...names].map((name) => [name, texts.get(name)])));
  const units = paths.filter((path) => path.endsWith('.cc'));
  return {
    folder,
    units: units.map((path) => ({ path, hash: textsOf(withIncludes(path, texts)) })),
    hash: textsOf(paths),
  };
}

/** A file and what it includes of the same folder, as the compiler finds it: beside the file, else from the top. */
function withIncludes(path: string, texts: ReadonlyMap<string, string>, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const [, name = ''] of texts.get(path)!.matchAll(/^\s*#\s*include\s+"(.+)"/gm)) {
    const found = [join(dirname(path), name), name].find((candidate) => texts.has(candidate));
    if (found !== undefined) withIncludes(found, texts, seen);
  }
  return seen;
}

export function hashOf(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex').slice(0, 16);
}
