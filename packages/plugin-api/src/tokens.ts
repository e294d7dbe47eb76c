import type { Rng } from '@hastejs/tensor';
import type { Backend } from './backend.js';
import type { Json, JsonObject } from './json.js';
import type { DataSpec, StudentSpec } from './specs.js';

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

/** The services that extensions may ask for. */
export const Services = {
  notices: token<Notices, 'process'>('notices', 'process', 'Lines for the person who runs this.'),
  rng: token<Rng, 'run'>('rng', 'run', 'Counter-based random numbers of the run.'),
  files: token<Files, 'run'>('files', 'run', 'Paths relative to the recipe.'),
  recipe: token<JsonObject, 'run'>('recipe', 'run', 'The resolved recipe as plain data.'),
  backend: token<Pick<Backend, 'name' | 'precisions' | 'compute'>, 'run'>(
    'backend',
    'run',
    'What the run computes on, and in which precisions it can.',
  ),
  data: token<DataSpec, 'run'>('data', 'run', 'What the data set promises.'),
  student: token<StudentSpec, 'run'>('student', 'run', 'What the student promises.'),
} as const;
