import { statfs } from 'node:fs/promises';
import { HasteError } from '@hastejs/plugin-api';

/** What filling a cache will write. */
export interface CachePlan {
  readonly teacher: string;
  readonly folder: string;
  /** Images, in every variant of the augmentation. */
  readonly images: number;
  /** Those of which every tap is there. */
  readonly done: number;
  readonly bytes: number;
  /** Bytes that the disk has room for. */
  readonly free: number;
}

/** Bytes that an ordinary process may still write to the disk that a folder is on. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** @throws HasteError DISK with what is needed and what there is. */
export function checkRoom({ teacher, folder, bytes, free, images, done }: CachePlan): void {
  if (bytes <= free) return;
  throw new HasteError('DISK', {
    what: `The features of ${teacher} need ${inGiB(bytes)} for ${images - done} images, but the disk has ${inGiB(free)} free.`,
    where: folder,
    fix: 'Name another folder (`cache: { dir }`), keep them as bf16 (half of float32), take fewer taps, or leave the cache out.',
  });
}

const inGiB = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(bytes < 2 ** 30 ? 3 : 1)} GiB`;
