import type { Rng } from '@hastejs/tensor';
import type { Backend } from './backend.js';
import type { Kind, Kinds, Ref } from './define.js';
import type { JsonObject } from './json.js';
import type { DataSpec, StudentSpec } from './specs.js';
import { type Files, type Notices, token } from './tokens.js';

/** Makes the extensions that an extension's own options name. They are closed with the run. */
export interface Extensions {
  create<K extends Exclude<Kind, 'backend'>>(ref: Ref<K>): Promise<Kinds[K]>;
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
  extensions: token<Extensions, 'run'>('extensions', 'run', 'Creates what a reference in the options names.'),
  student: token<StudentSpec, 'run'>('student', 'run', 'What the student promises.'),
} as const;
