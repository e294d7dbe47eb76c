import { createHash } from 'node:crypto';
import type { ImageFile } from './scan.js';

/** What decides the pixels, besides the files themselves. */
export interface PixelOptions {
  readonly size: number;
  readonly channels: number;
  readonly flip: boolean;
}

/**
 * SHA-256 over the options and the paths and sizes of all files, in order. Contents are not read: that would cost every start
 * a pass over the whole set. Times are left out, since copying changes them.
 */
export function imageFolderFingerprint(files: readonly ImageFile[], { size, channels, flip }: PixelOptions): string {
  const hash = createHash('sha256').update(JSON.stringify({ size, channels, flip }));
  for (const file of files) hash.update(`\n${file.path}\0${file.size}`);
  return hash.digest('hex');
}
