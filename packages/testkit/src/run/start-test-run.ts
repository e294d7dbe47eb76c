import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Host, type RunEventMap, type RunEventName, type RunEvents, createHost } from '@hastejs/core';
import type { Notices, Plugin, RefInput } from '@hastejs/plugin-api';
import { type RunReport, train } from '@hastejs/trainer';
import { backendRef } from '../bench/bench.js';
import { withToolbox } from '../bench/toolbox.js';
import { type TestRecipe, toyRecipe } from './toy-recipe.js';

export interface TestRunOptions {
  /** The plugins under test, and those that they need. What recipes name by default is there. */
  readonly plugins?: readonly Plugin[];
  /** What the run is to use; whatever is left out is a small fake. */
  readonly recipe?: TestRecipe;
  /** Steps in place of the recipe's. */
  readonly steps?: number;
  /** Stops after this step as Ctrl-C does: {@link TestRun.resume} goes on. */
  readonly stopAfter?: number;
  /** Its plugin is in `plugins`; default: `backend/cpu`. */
  readonly backend?: RefInput<'backend'>;
  /** Where relative paths of the recipe start; default: the working directory. */
  readonly files?: string;
}

/** An event of a run, as it was told. */
export type TestRunEvent = { [N in RunEventName]: { readonly name: N } & RunEventMap[N] }[RunEventName];

/** A run that has ended. */
export interface TestRun {
  readonly report: RunReport;
  /** Everything that happened, in order. */
  readonly events: readonly TestRunEvent[];
  /** By number of completed steps: `loss/total`, `loss/denoise`, `align/<term>`, `grad_norm`, and `metric/<name>` when measured. */
  readonly logged: ReadonlyMap<number, Readonly<Record<string, number>>>;
  /** What people were warned of. */
  readonly warnings: readonly string[];
  /** The run folder: checkpoints, what loggers wrote. Temporary. */
  readonly folder: string;
  /** Goes on from the newest checkpoint, as `haste resume` does. @throws HasteError */
  resume(): Promise<TestRun>;
  /** Removes the folder. */
  close(): Promise<void>;
}

/**
 * Trains with the real host and the real trainer: a transformer of 3 blocks on 24 made-up images, 6 steps with both phases,
 * in a temporary folder, a second or two on backend cpu. It resolves when the run has ended; `close` it.
 * @throws HasteError as a run does; the folder is then gone.
 */
export async function startTestRun(options: TestRunOptions = {}): Promise<TestRun> {
  const folder = await mkdtemp(join(tmpdir(), 'haste-test-run-'));
  try {
    return await takeRun(options, folder, false);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function takeRun(options: TestRunOptions, folder: string, resume: boolean): Promise<TestRun> {
  const warnings: string[] = [];
  const notices: Notices = { info: () => undefined, warn: (message) => void warnings.push(message) };
  const host = await createHost({ plugins: withToolbox(options.plugins ?? []), notices });
  try {
    const { report, events, logged } = await trainOn(host, options, join(folder, 'run'), resume);
    return {
      ...{ report, events, logged, warnings },
      folder: join(folder, 'run'),
      resume: () => {
        const { stopAfter: _stopped, ...rest } = options;
        return takeRun(rest, folder, true);
      },
      close: () => rm(folder, { recursive: true, force: true }),
    };
  } finally {
    await host.close();
  }
}

async function trainOn(host: Host, options: TestRunOptions, folder: string, resume: boolean) {
  const { recipe = {}, steps, stopAfter, backend, files = process.cwd() } = options;
  const events: TestRunEvent[] = [];
  const logged = new Map<number, Readonly<Record<string, number>>>();
  const abort = new AbortController();
  const listen = (emitter: RunEvents): void => {
    for (const name of EVENTS) emitter.on(name, (event) => void events.push({ name, ...event } as TestRunEvent));
    emitter.on('step:completed', ({ step, losses }) => {
      logged.set(step, losses);
      if (step === stopAfter) abort.abort();
    });
    emitter.on('metric:measured', ({ step, name, value }) => logged.set(step, { ...logged.get(step), [name]: value }));
  };
  const resolved = host.resolve(toyRecipe(steps === undefined ? recipe : { ...recipe, steps }));
  const on = backendRef({ backend: backend ?? recipe.backend ?? 'backend/cpu' });
  const how = { ...(resume && { resume: true as const }), signal: abort.signal, listen };
  const report = await train({ host, recipe: resolved, baseDir: files, folder, backend: on, ...how });
  return { report, events, logged };
}

const EVENTS = [
  ...(['teacher-cache:started', 'teacher-cache:advanced', 'teacher-cache:ended', 'run:started'] as const),
  ...(['step:completed', 'metric:measured', 'phase:changed', 'checkpoint:saved'] as const),
  ...(['run:finished', 'run:failed'] as const),
] satisfies readonly RunEventName[];
