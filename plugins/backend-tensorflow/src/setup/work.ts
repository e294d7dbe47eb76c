import type { Env } from '../home.js';
import type { Run } from './run.js';

/** What every step of a setup gets. */
export interface Work {
  /** Where the result is put together; it becomes the home in one rename. */
  readonly part: string;
  readonly env: Env;
  readonly run: Run;
  readonly signal?: AbortSignal | undefined;
  /** Tells a line of progress. */
  say(line: string): void;
}
