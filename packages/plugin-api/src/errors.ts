import type { ErrorCode } from './error-codes.js';

export interface HasteErrorDetails {
  /** What went wrong, in one sentence. */
  readonly what: string;
  /** Where: a recipe path, a file, a plugin and call, a tensor name. */
  readonly where?: string;
  /** How to mend it. */
  readonly fix?: string;
  readonly cause?: unknown;
}

/** The one error that Haste throws on purpose: a code from the catalogue, what happened, where, and how to mend it. */
export class HasteError extends Error {
  override readonly name = 'HasteError';
  readonly what: string;
  readonly where: string | undefined;
  readonly fix: string | undefined;

  constructor(
    readonly code: ErrorCode,
    { what, where, fix, cause }: HasteErrorDetails,
  ) {
    const field = (name: string, text?: string) => (text ? `\n  ${name} ${text.replaceAll('\n', '\n         ')}` : '');
    super(
      `${what} [${code}]${field('where:', where)}${field('fix:  ', fix)}`,
      cause === undefined ? undefined : { cause },
    );
    this.what = what;
    this.where = where;
    this.fix = fix;
  }
}

export function isHasteError(error: unknown, code?: ErrorCode): error is HasteError {
  return error instanceof Error && error.name === 'HasteError' && (!code || (error as HasteError).code === code);
}
