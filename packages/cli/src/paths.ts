import { isAbsolute, relative, resolve } from 'node:path';
import type { Io } from './io.js';

/** A path as a person in `cwd` would type it: relative where that does not climb out. */
export function shown(path: string, { cwd }: Pick<Io, 'cwd'>): string {
  const near = relative(cwd, resolve(cwd, path));
  return near === '' ? '.' : near.startsWith('..') || isAbsolute(near) ? resolve(cwd, path) : near;
}

/** An argument for a POSIX shell, quoted when it must be. */
export function quoted(argument: string): string {
  return /^[\w./:@%+=,-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}
