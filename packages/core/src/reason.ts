import { isHasteError } from '@hastejs/plugin-api';

/** What a thrown value says, for the end of a sentence; people throw anything, also from other realms. */
export function reasonOf(error: unknown): string {
  if (isHasteError(error)) return error.what.replace(/\.$/, '');
  const message = (error as { message?: unknown } | null | undefined)?.message;
  return typeof message === 'string' && message !== '' ? message : String(error);
}
