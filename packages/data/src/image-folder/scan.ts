import { readdir, realpath } from 'node:fs/promises';
import { mapConcurrently } from '../concurrently.js';
import { headerFault, isImageName } from './check-header.js';
import { emptyClass, noClasses, noFolder } from './errors.js';
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
  await readdir(root).catch((error: NodeJS.ErrnoException) => Promise.reject(noFolder(root, error)));
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
  if (classes.length === 0)
    throw noClasses(
      root,
      top.files.filter(({ path }) => isImageName(path)),
    );
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
