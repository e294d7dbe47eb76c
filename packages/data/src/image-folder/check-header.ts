import { open } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { imageKind } from '../decode/image-kind.js';
import type { FoundFile } from './walk.js';

const EXTENSIONS = new Set(['.png', '.jpg', '.jpeg', '.webp']);

export const isImageName = (path: string): boolean => EXTENSIONS.has(extname(path).toLowerCase());

/**
 * Whether a file begins as an image does that can be decoded. Reading 16 bytes of each file is what a start can afford with a
 * million of them; damage further in shows when the image is decoded.
 * @returns why not, or null.
 */
export async function headerFault(root: string, { path, size }: FoundFile): Promise<string | null> {
  if (size === 0) return 'is empty (0 bytes)';
  try {
    return imageKind(await firstBytes(join(root, path)))
      ? null
      : 'is not a PNG, JPEG or WebP image, whatever its name says';
  } catch (error) {
    return `cannot be read (${(error as NodeJS.ErrnoException).code})`;
  }
}

async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
