import { open } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { type FoundFile } from './walk.js';

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
    return kindOf(await firstBytes(join(root, path)))
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

/** The kind told by the first bytes; the name's ending may differ, as it often does. */
export function kindOf(bytes: Buffer): 'png' | 'jpeg' | 'webp' | null {
  const text = bytes.toString('latin1');
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (text.startsWith('RIFF') && text.startsWith('WEBP', 8)) return 'webp';
  return null;
}
