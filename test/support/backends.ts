import type { Backend } from '@hastejs/plugin-api';
import { cpuBackend } from '@hastejs/backend-cpu';
import { wasmBackend } from '@hastejs/backend-wasm';

export const BACKENDS = ['cpu', 'wasm'] as const;
export type BackendName = (typeof BACKENDS)[number];

/** Starts a backend through its plugin, as a run does. */
export async function activateBackend(name: BackendName): Promise<Backend> {
  // Two threads wherever the tests run, so that what threads can break breaks here.
  const backend = await (name === 'cpu' ? cpuBackend.create({}, {}) : wasmBackend.create({ threads: 2 }, {}));
  await backend.activate();
  return backend;
}

/** Runs the same tests on every backend: they are equal citizens. */
export function describeEachBackend(name: string, tests: (backend: BackendName) => void): void {
  for (const backend of BACKENDS) {
    describe(`${name} (${backend})`, () => {
      beforeAll(async () => {
        await activateBackend(backend);
      });
      tests(backend);
    });
  }
}
