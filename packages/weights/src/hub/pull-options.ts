import type { HubOptions } from './settings.js';

export interface PullOptions extends HubOptions {
  /** `<owner>/<name>`. */
  readonly repo: string;
  /** A commit, or a branch or tag, whose commit of today is taken; default 'main'. */
  readonly revision?: string | undefined;
  /** Paths in the repository. Default: its weights under their usual names, and the configs beside them. */
  readonly files?: readonly string[] | undefined;
  /** Paths that are fetched where the commit has them. */
  readonly optional?: readonly string[] | undefined;
  /** SHA-256 by path, where it is known ahead. */
  readonly sha256?: Readonly<Record<string, string>> | undefined;
  /** How often in a row the same thing is tried again; default 5. */
  readonly retries?: number | undefined;
  readonly onProgress?: ((event: PullEvent) => void) | undefined;
  /** Stops the pull; what has arrived is kept for the next one. */
  readonly signal?: AbortSignal | undefined;
}

/** What happens during a pull. Sizes are in bytes. */
export type PullEvent =
  /** `bytes`: of all files that are not here yet. */
  | {
      readonly kind: 'planned';
      readonly repo: string;
      readonly commit: string;
      readonly files: readonly { readonly path: string; readonly size: number; readonly here: boolean }[];
      readonly bytes: number;
    }
  /** `done`: of the planned bytes. */
  | { readonly kind: 'advanced'; readonly file: string; readonly done: number; readonly bytes: number }
  /** Something that passes went wrong; it is tried again after so many seconds. */
  | { readonly kind: 'retrying'; readonly reason: string; readonly seconds: number }
  /** Another process fetches the same file. */
  | { readonly kind: 'waiting'; readonly file: string };
