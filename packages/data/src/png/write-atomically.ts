import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { HasteError } from '@hastejs/plugin-api';

/**
 * Writes beside and renames: whoever looks sees the old file or the whole new one.
 * @throws HasteError DISK.
 */
export async function writeAtomically(path: string, bytes: Uint8Array): Promise<void> {
  const beside = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(beside, bytes);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    throw new HasteError('DISK', {
      what: `A file cannot be written (${code}).`,
      where: path,
      fix: 'Free space, or name a folder that exists and can be written to.',
      cause: error,
    });
  }
}
