import type { Backend } from '@hastejs/plugin-api';
import { cpuBackend } from '@hastejs/backend-cpu';
import { locate, tensorflowBackend } from '@hastejs/backend-tensorflow';
import { findBuilt, torchBackend } from '@hastejs/backend-torch';
import { wasmBackend } from '@hastejs/backend-wasm';

interface TestedBackend {
  create(options?: object): Backend | Promise<Backend>;
  /** Why it cannot run on this machine; undefined if it can. Looks at files only: tests are declared without waiting. */
  absent?(): string | undefined;
}

/** Where the torch backend runs in the tests: `cpu`, or what HASTE_TEST_DEVICE says, such as `cuda`. */
export const TORCH_DEVICE = process.env['HASTE_TEST_DEVICE'] ?? 'cpu';

/** All that the numeric tests run on. A native backend adds itself here, with how its absence shows. */
const TESTED = {
  cpu: { create: () => cpuBackend.create({}, {}) },
  // Two threads wherever the tests run, so that what threads can break breaks here.
  wasm: { create: () => wasmBackend.create({ threads: 2 }, {}) },
  tensorflow: {
    create: () => tensorflowBackend.create({ package: 'auto' }, {}),
    absent: () => (locate().candidates.length > 0 ? undefined : 'it is not set up (npm run setup:tensorflow)'),
  },
  torch: {
    // Products in float32, so that one tolerance serves all backends; those of the matrix unit have tests of their own. One
    // thread, since Jest has a process for each core, and OpenMP's threads wait for each other busily.
    create: (options) =>
      torchBackend.create({ device: TORCH_DEVICE, threads: 1, matmul: 'highest', graphs: false, ...options }, {}),
    absent: () => {
      const found = findBuilt();
      return 'build' in found ? undefined : `${found.reason} ${found.fix}`;
    },
  },
} satisfies Record<string, TestedBackend>;

export type BackendName = keyof typeof TESTED;

/**
 * Starts a backend through its plugin, as a run does.
 * @param options instead of those that the tests run with, for a backend that takes any.
 */
export async function activateBackend(name: BackendName, options?: object): Promise<Backend> {
  const { create }: TestedBackend = TESTED[name];
  const backend = await create(options);
  await backend.activate();
  return backend;
}

/** Runs the same tests on every backend: they are equal citizens. */
export function describeEachBackend(name: string, tests: (backend: BackendName) => void): void {
  forEachBackend(name, (backend) => {
    beforeAll(async () => {
      await activateBackend(backend);
    });
    tests(backend);
  });
}

/** {@link describeEachBackend} for tests that start the backend themselves. */
export function forEachBackend(name: string, tests: (backend: BackendName) => void): void {
  for (const backend of Object.keys(TESTED) as BackendName[]) {
    describe(`${name} (${backend})`, () => whereItRuns(backend, tests));
  }
}

/** Declares the tests of a backend; where it cannot run, one that is skipped and says why, or fails on a build machine. */
export function whereItRuns(backend: BackendName, tests: (backend: BackendName) => void): void {
  const { absent }: TestedBackend = TESTED[backend];
  const reason = absent?.();
  if (reason === undefined) return tests(backend);
  const title = `cannot run here: ${reason}`;
  if (process.env['CI'] !== 'true') return void it.skip(title, () => {});
  it(title, () => {
    throw new Error(`The backend ${backend} is required on a build machine, but ${reason}.`);
  });
}
