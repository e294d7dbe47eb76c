import { tf } from '@hastejs/tensor';
import { numbered, openResources } from '../measure/open-resources.js';
import { timersLeft } from '../measure/timers.js';
import { count } from '../measure/words.js';

/** What an import did, in words; empty: nothing. */
export type ImportEffects = readonly string[];

/** What a module body could change, looked at before and after. */
interface Surroundings {
  readonly backends: readonly string[];
  readonly backend: string | null;
  readonly tensors: number;
  readonly globals: readonly string[];
  readonly listeners: readonly string[];
  readonly resources: readonly string[];
  readonly environment: string;
  readonly folder: string;
}

/**
 * Imports a module and tells what that changed: TensorFlow.js' backends and tensors, globals, listeners and environment of
 * the process, timers that run on, and sockets or files that are still open. A module that was imported before has nothing left to do.
 */
export async function importEffects<T>(load: () => Promise<T>): Promise<{ value: T; effects: ImportEffects }> {
  const before = surroundings();
  const { value, timers } = await timersLeft(async () => {
    const loaded = await load();
    await new Promise((done) => setImmediate(done));
    return loaded;
  });
  const running = timers === 0 ? [] : [`leaves ${count(timers, 'timer')} running`];
  return { value, effects: [...differences(before, surroundings()), ...running] };
}

function surroundings(): Surroundings {
  const engine = tf.engine();
  return {
    backends: Object.keys(engine.registryFactory),
    backend: engine.backendName ?? null,
    tensors: engine.state.numTensors,
    globals: Object.getOwnPropertyNames(globalThis),
    listeners: numbered(process.eventNames().flatMap((name) => process.rawListeners(name).map(() => String(name)))),
    resources: openResources(),
    environment: JSON.stringify(process.env),
    folder: process.cwd(),
  };
}

function differences(before: Surroundings, after: Surroundings): ImportEffects {
  const added = (name: 'backends' | 'globals' | 'listeners' | 'resources', what: string): string[] => {
    const more = after[name].filter((entry) => !before[name].includes(entry) && !HELPERS.test(entry));
    return more.length === 0 ? [] : [`${what} ${more.join(', ')}`];
  };
  return [
    ...added('backends', 'registers the TensorFlow.js backend'),
    ...(after.backend === before.backend ? [] : [`makes ${after.backend} the TensorFlow.js backend`]),
    ...(after.tensors === before.tensors ? [] : [`makes ${count(after.tensors - before.tensors, 'tensor')}`]),
    ...added('globals', 'defines the global'),
    ...added('listeners', 'listens to the process event'),
    ...added('resources', 'leaves open'),
    ...(after.environment === before.environment ? [] : ['changes process.env']),
    ...(after.folder === before.folder ? [] : ['changes the working directory']),
  ];
}

/** Globals that compilers' runtime helpers leave (tslib). */
const HELPERS = /^__/;
