import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { PACKAGE } from './home.js';

/** The addon's C++ in this package. */
export const NATIVE = join(PACKAGE, 'native');

export interface Sources {
  readonly folder: string;
  /** Each compiled on its own: paths below the folder, sorted. */
  readonly units: readonly Source[];
  /** Of every header. */
  readonly headersHash: string;
  /** Of everything, names included: what a build was made from. */
  readonly hash: string;
}

export interface Source {
  readonly path: string;
  readonly hash: string;
}

/** Reads the C++ files of a folder and of those in it. A few dozen small files: about a millisecond. */
export function readSources(folder: string): Sources {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(cc|h)$/.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort()
    .map((path) => ({ path, hash: hashOf(readFileSync(join(folder, path))) }));
  const headers = files.filter(({ path }) => path.endsWith('.h'));
  return {
    folder,
    units: files.filter(({ path }) => path.endsWith('.cc')),
    headersHash: hashOf(JSON.stringify(headers)),
    hash: hashOf(JSON.stringify(files)),
  };
}

export function hashOf(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex').slice(0, 16);
}
