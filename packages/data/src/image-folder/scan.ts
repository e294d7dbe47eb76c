import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { HasteError } from '@hastejs/plugin-api';
import { mapConcurrently } from '../concurrently.js';
import { headerFault, isImageName } from './check-header.js';
import { type Fault, type FoundFile, byCodeUnit, linkBack, listFolder, walk } from './walk.js';

export interface ImageFile extends FoundFile {
  /** Index of its class. */
  readonly label: number;
}

export interface Scan {
  /** Folder names, sorted. */
  readonly classes: readonly string[];
  /** Class by class; within a class sorted by path. */
  readonly files: readonly ImageFile[];
  /** What was left out because it cannot be used. */
  readonly faults: readonly Fault[];
  /** Files that do not have an image's name, and images that lie in no class. */
  readonly ignored: readonly string[];
}

/**
 * Finds the images below `root`: each folder is a class, with all that lies below it. The result depends on names, sizes and
 * first bytes alone: not on the order in which a file system lists them, the locale or timing.
 * @throws HasteError if there are no classes, or a class has no image that can be used.
 */
export async function scanImages(root: string): Promise<Scan> {
  await checkRoot(root);
  const top = await listFolder(root, '');
  const above = [await realpath(root)];
  const classes: string[] = [];
  const files: ImageFile[] = [];
  const faults: Fault[] = [...top.faults];
  const ignored = top.files.map(({ path }) => path);
  for (const name of top.folders) {
    const loop = await linkBack(root, name, above);
    if (loop) {
      faults.push(loop);
      continue;
    }
    const images = await scanClass(root, name, above);
    if (images.good.length === 0) throw emptyClass(root, name, images.faults);
    const label = classes.push(name) - 1;
    for (const file of images.good) files.push({ ...file, label });
    faults.push(...images.faults);
    ignored.push(...images.ignored);
  }
  if (classes.length === 0) throw noClasses(root, top.files);
  return { classes, files, faults, ignored };
}

async function scanClass(root: string, name: string, above: readonly string[]) {
  const found = await walk(root, name, above);
  const named = found.files.filter(({ path }) => isImageName(path)).sort((a, b) => byCodeUnit(a.path, b.path));
  const reasons = await mapConcurrently(named, 32, (file) => headerFault(root, file));
  const bad = named.flatMap(({ path }, index) => (reasons[index] ? [{ path, reason: reasons[index] }] : []));
  return {
    good: named.filter((_, index) => !reasons[index]),
    faults: [...found.faults, ...bad].sort((a, b) => byCodeUnit(a.path, b.path)),
    ignored: found.files.filter(({ path }) => !isImageName(path)).map(({ path }) => path),
  };
}

async function checkRoot(root: string): Promise<void> {
  const fix = 'Name a folder that holds one folder of images for each class; relative paths start at the recipe.';
  try {
    await readdir(root);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const known = { ENOENT: 'There is no such image folder.', ENOTDIR: 'The image folder is a file.' };
    const what = known[code as keyof typeof known] ?? `The image folder cannot be read (${code}).`;
    throw new HasteError('DATA_MISSING', { what, where: root, fix, cause: error });
  }
}

function noClasses(root: string, files: readonly FoundFile[]): HasteError {
  const images = files.filter(({ path }) => isImageName(path)).length;
  return new HasteError('DATA_EMPTY', {
    what: `The image folder has no folders for classes${images ? `; ${images} images lie in it directly` : ''}.`,
    where: root,
    fix: 'Make one folder for each class and put its images there; a single class is one folder too.',
  });
}

function emptyClass(root: string, name: string, faults: readonly Fault[]): HasteError {
  const first = faults[0];
  const bad = first ? ` (${faults.length} cannot be used; ${first.path} ${first.reason})` : '';
  return new HasteError('DATA_EMPTY', {
    what: `The class '${name}' has no images${bad}.`,
    where: join(root, name),
    fix: 'Put PNG, JPEG or WebP images there, or remove the folder. It is never dropped in silence: class numbers would shift.',
  });
}
