import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Host, type RecipeInput, createHost, type RunEvents } from '@hastejs/core';
import { attentionAlignment, builtins, featureAlignment, fixed, pairs, sit } from '@hastejs/haste';
import type { Notices, Ref } from '@hastejs/plugin-api';
import { type RunReport, type TrainOptions, train } from '@hastejs/trainer';
import { toyData, toyPlugin, toyTeacher } from './toy.js';

/** A recipe with both phases that takes a fraction of a second: 10 steps, letting go after step 5. */
export function toyRecipe(change: Partial<RecipeInput> = {}): RecipeInput {
  return {
    name: 'toy',
    seed: 3,
    steps: 10,
    batchSize: 4,
    student: sit({ hiddenSize: 16, depth: 3, numHeads: 2, patchSize: 4 }),
    data: toyData(),
    alignment: toyAlignment(fixed({ step: 5 })),
    optimizer: { kind: 'optimizer', id: 'optimizer/adamw', with: { lr: 1e-3 } },
    ema: { decay: 0.9 },
    checkpoints: { every: 100, keep: 3 },
    backend: { kind: 'backend', id: 'backend/wasm', with: {} },
    ...change,
  };
}

export function toyAlignment(until?: Ref<'trigger'>): NonNullable<RecipeInput['alignment']> {
  return {
    teacher: toyTeacher(),
    ...(until && { until }),
    terms: {
      feature: { loss: featureAlignment({ hidden: 8 }), layers: pairs({ pairs: [[1, 'final']] }), weight: 0.5 },
      attention: {
        loss: attentionAlignment(),
        layers: pairs({
          pairs: [
            [0, 1],
            [1, 2],
          ],
        }),
        weight: 0.5,
      },
    },
  };
}

export const toyHost = (notices?: Notices): Promise<Host> =>
  createHost({ plugins: [...builtins, toyPlugin], ...(notices && { notices }) });

export type Losses = Readonly<Record<string, number>>;
export interface ToyRun {
  readonly report: RunReport;
  /** Losses of every step of this process, by number of completed steps. */
  readonly losses: ReadonlyMap<number, Losses>;
  readonly events: readonly string[];
}

/** Trains in this process and remembers every step. `stopAfter` interrupts as Ctrl-C does. */
export async function toyTrain(
  host: Host,
  recipe: RecipeInput,
  options: Partial<TrainOptions> & { folder: string; stopAfter?: number },
): Promise<ToyRun> {
  const { stopAfter, listen: also, ...rest } = options;
  const losses = new Map<number, Losses>();
  const events: string[] = [];
  const abort = new AbortController();
  const listen = (emitter: RunEvents): void => {
    also?.(emitter);
    emitter.on('step:completed', (event) => {
      losses.set(event.step, event.losses);
      if (event.step === stopAfter) abort.abort();
    });
    emitter.on('phase:changed', ({ step, reason }) => events.push(`phase:changed ${step} ${reason}`));
    emitter.on('checkpoint:saved', ({ step, reason }) => events.push(`checkpoint:saved ${step} ${reason}`));
    emitter.on('run:failed', ({ message }) => events.push(`run:failed ${message}`));
  };
  const resolved = host.resolve(recipe);
  const report = await train({ host, recipe: resolved, baseDir: tmpdir(), signal: abort.signal, listen, ...rest });
  return { report, losses, events };
}

/** A folder for the tests of a file, removed afterwards. */
export function temporaryFolder(): { readonly path: (...names: string[]) => string } {
  let root = '';
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'haste-test-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));
  return { path: (...names) => join(root, ...names) };
}
