import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { HasteError } from '@hastejs/plugin-api';
import { badFile } from './idx.js';

/**
 * Reads `path` + `.gz`, or `path` itself where somebody unpacked it.
 * @throws HasteError DATA_MISSING if there is neither, IMAGE_UNREADABLE if the compression is broken.
 */
export async function readMaybeCompressed(path: string): Promise<{ path: string; bytes: Uint8Array }> {
  const packed = `${path}.gz`;
  const compressed = await readOptional(packed);
  if (compressed) return { path: packed, bytes: await unpack(packed, compressed) };
  const plain = await readOptional(path);
  if (plain) return { path, bytes: plain };
  throw new HasteError('DATA_MISSING', {
    what: 'A file of Fashion-MNIST is missing.',
    where: packed,
    fix: "Install Debian's dataset-fashion-mnist, set dir to a folder with the four IDX files, or set source: 'shipped'.",
  });
}

async function unpack(path: string, compressed: Uint8Array): Promise<Uint8Array> {
  try {
    return await promisify(gunzip)(compressed);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const what = code === 'Z_BUF_ERROR' ? 'The compressed file is cut short' : `The file cannot be unpacked (${code})`;
    throw badFile(path, what, error);
  }
}

async function readOptional(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new HasteError('DATA_MISSING', {
      what: `A file of Fashion-MNIST cannot be read (${code}).`,
      where: path,
      fix: 'Make the file readable, or name another folder.',
      cause: error,
    });
  }
}
