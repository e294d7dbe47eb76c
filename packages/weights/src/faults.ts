import { HasteError, isHasteError } from '@hastejs/plugin-api';

/** The one way a weight file is refused. @param what begins where the file's name would stand: 'The file …'. */
export function unreadable(where: string, what: string, fix: string, cause?: unknown): HasteError {
  return new HasteError('WEIGHTS_UNREADABLE', { what, where, fix, ...(cause !== undefined && { cause }) });
}

export const FETCH_AGAIN = 'Fetch or copy the file again; compare its size with that of the original.';
const NAME_ONE = "Name a weight file, or a folder that holds one; relative paths start at the recipe's folder.";

/** Any error as one about a weight file; those that are already stay as they are. */
export function asUnreadable(where: string, cause: unknown): HasteError {
  if (isHasteError(cause)) return cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  const missing = code === 'ENOENT' || code === 'ENOTDIR';
  return unreadable(
    where,
    missing ? 'The weight file is not there.' : message,
    missing ? NAME_ONE : FETCH_AGAIN,
    cause,
  );
}
