import { join } from 'node:path';
import { HasteError } from '@hastejs/plugin-api';
import type { Fault, FoundFile } from './walk.js';

/** `1 file`, `2 files`. */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const OR_SKIP = "or set onBadImage: 'skip' to go on without such files.";

export function noFolder(root: string, cause: NodeJS.ErrnoException): HasteError {
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'There is no such image folder.',
    ENOTDIR: 'The image folder is a file.',
  };
  return new HasteError('DATA_MISSING', {
    what: known[cause.code ?? ''] ?? `The image folder cannot be read (${cause.code}).`,
    where: root,
    fix: 'Name a folder that holds one folder of images for each class; relative paths start at the recipe.',
    cause,
  });
}

export function noClasses(root: string, strayImages: readonly FoundFile[]): HasteError {
  const stray = strayImages.length > 0 ? `; it holds ${plural(strayImages.length, 'image')} directly` : '';
  return new HasteError('DATA_EMPTY', {
    what: `The image folder has no folders for classes${stray}.`,
    where: root,
    fix: 'Make one folder for each class and put its images there; a single class is one folder too.',
  });
}

/** @param faults why what it holds cannot be used. */
export function emptyClass(root: string, name: string, faults: readonly Fault[]): HasteError {
  const [first] = faults;
  const bad = first ? ` (${faults.length} cannot be used; ${first.path} ${first.reason})` : '';
  return new HasteError('DATA_EMPTY', {
    what: `The class '${name}' has no images${bad}.`,
    where: join(root, name),
    fix: 'Put PNG, JPEG or WebP images there, or remove the folder. It is never dropped in silence: class numbers would shift.',
  });
}

export function ruinedClass(root: string, name: string): HasteError {
  return new HasteError('DATA_EMPTY', {
    what: `Every image of the class '${name}' is damaged.`,
    where: join(root, name),
    fix: 'Replace its images by whole ones, or remove the folder.',
  });
}

/** Faults that the scan found; at least one. */
export function badFiles(root: string, [first, ...others]: readonly [Fault, ...Fault[]]): HasteError {
  const more = others.length > 0 ? ` (and ${plural(others.length, 'more bad file')})` : '';
  return new HasteError('IMAGE_UNREADABLE', {
    what: `The file ${first.path} ${first.reason}${more}.`,
    where: join(root, first.path),
    fix: `Replace or remove it, ${OR_SKIP}`,
  });
}

export function damagedImage(path: string, reason: string, cause: Error): HasteError {
  return new HasteError('IMAGE_UNREADABLE', {
    what: `An image cannot be decoded: ${reason}.`,
    where: path,
    fix: `Replace or remove the file, ${OR_SKIP}`,
    cause,
  });
}

export function unreadableFile(path: string, reason: string, cause: Error): HasteError {
  return new HasteError('DATA_MISSING', {
    what: `An image can no longer be read: ${reason}.`,
    where: path,
    fix: 'Mend the disk or its mount and resume. Such a file is never skipped: the fault may pass, and the run would depend on it.',
    cause,
  });
}
