/**
 * An error that the person at the terminal can mend. It has the fields of Haste's own errors, but not their class: the plugin API
 * brings TensorFlow.js, and `npm create` should not have to download that to write a dozen files.
 */
export class CreateError extends Error {
  override readonly name = 'CreateError';

  constructor(
    /** What is wrong, in one sentence. */
    readonly what: string,
    /** How to mend it. */
    readonly fix: string,
    cause?: unknown,
  ) {
    super(`${what}\n  fix:   ${fix}`, cause === undefined ? undefined : { cause });
  }
}

/** Thrown when Ctrl-C or Escape answers a question: nothing has been written. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}
