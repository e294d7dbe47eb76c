import { HasteError } from '@hastejs/plugin-api';
import { SafetensorsError } from '@hastejs/tensor';

/** Every weight file is refused with this. */
export function unreadable(where: string, what: string, fix: string, cause?: unknown): HasteError {
  return new HasteError('WEIGHTS_UNREADABLE', { what, where, fix, ...(cause !== undefined && { cause }) });
}

export const FETCH_AGAIN = 'Fetch or copy the file again; compare its size with that of the original.';
const NAME_ONE = "Name a weight file, or a folder that holds one; relative paths start at the recipe's folder.";

/** Errors of the file system and of safetensors' reader in words for people; all others as they are. */
export function asUnreadable(where: string, cause: unknown): unknown {
  if (cause instanceof SafetensorsError) {
    return unreadable(cause.path, `The weight file cannot be used: ${cause.detail}`, FETCH_AGAIN, cause);
  }
  const { code, message, syscall } = cause as NodeJS.ErrnoException;
  if (syscall === undefined) return cause;
  const missing = code === 'ENOENT' || code === 'ENOTDIR';
  const what = missing ? 'The weight file is not there.' : `The weight file cannot be read: ${message}.`;
  return unreadable(where, what, missing ? NAME_ONE : 'See that it is a file, and that it may be read.', cause);
}
