import type { Json } from './json.js';

export type Scope = 'process' | 'run';

/** Names a service and carries its type and scope, so that a wrong-scope injection does not compile. */
export interface Token<T, S extends Scope = Scope> {
  readonly key: string;
  readonly scope: S;
  readonly summary: string;
  /** Never present: holds the type. */
  readonly type?: T;
}

export function token<T, S extends Scope>(key: string, scope: S, summary: string): Token<T, S> {
  return { key, scope, summary };
}

/** Resolves paths that a recipe names. */
export interface Files {
  /** Absolute path; relative ones start at the recipe's folder, and `haste:<name>` is a file that a plugin ships. */
  resolve(path: string): string;
}

export interface Notices {
  info(message: string, data?: Json): void;
  warn(message: string, data?: Json): void;
}
