import { HasteError } from '@hastejs/plugin-api';

const FAULTS: Readonly<Record<string, { readonly what: string; readonly fix: string }>> = {
  ENOSPC: { what: 'The disk is full.', fix: 'Make room there, or choose another folder.' },
  EDQUOT: { what: 'The disk quota is used up.', fix: 'Make room there, or choose another folder.' },
  EROFS: { what: 'The file system is read-only.', fix: 'Choose another folder.' },
  EACCES: { what: 'Permission denied.', fix: 'Choose another folder, or ask for the right to write there.' },
  EPERM: { what: 'Permission denied.', fix: 'Choose another folder, or ask for the right to write there.' },
  ENOENT: { what: 'There is no such file or folder.', fix: 'Make the folder first, or choose another.' },
  ENOTDIR: { what: 'A part of the path is a file, not a folder.', fix: 'Choose another folder.' },
  EISDIR: { what: 'The path is a folder, not a file.', fix: 'Name a file.' },
};

/** Errors of the operating system that a command met while writing its own files, as people should read them. */
export function translateSystemError(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || error instanceof HasteError) return error;
  const { code, path } = error as Partial<NodeJS.ErrnoException>;
  const fault = code === undefined ? undefined : FAULTS[code];
  if (!fault) return error;
  return new HasteError('DISK', { ...fault, ...(path !== undefined && { where: path }), cause: error });
}
