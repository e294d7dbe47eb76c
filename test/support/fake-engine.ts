import { createHost, locatePackage, parseRef, readRecipe, recipeJsonSchema } from '@hastejs/core';
import { hubName, recipeLine } from '@hastejs/encoders';
import {
  type Backend,
  type DataSpec,
  type Plugin,
  defineAlignmentLoss,
  defineBackend,
  defineDataset,
  defineLogger,
  defineOptimizer,
  defineSampler,
  defineStudent,
  definePlugin,
} from '@hastejs/plugin-api';
import type { RunReport, Samples } from '@hastejs/trainer';
import { cachedWeights, hubCacheFolder } from '@hastejs/weights';
import { z } from 'zod';
import type { Engine } from '../../packages/cli/src/engine.js';
import { sheetOf } from '../../packages/cli/src/check/panels.js';
import { contactSheet, imageAt } from '../../packages/cli/src/samples/sheet.js';

const never = () => {
  throw new Error('A fake extension was created.');
};
const none = { options: z.strictObject({}), create: never };
const steps = z.strictObject({ steps: z.int().positive().default(250).describe('Steps.') });

/** A backend that needs nothing, or that cannot be had. */
export const fakeBackend = (name: string, rank: number, available: boolean, details?: Backend['details']) =>
  defineBackend({
    id: `backend/${name}`,
    summary: `Fake ${name}.`,
    options: z.strictObject({}),
    create: () => ({
      name,
      rank,
      probe: async () =>
        available
          ? { available, device: 'one thread', version: '4.22' }
          : { available, device: '', version: '', reason: `no ${name} here`, fix: `install ${name}` },
      activate: async () => undefined,
      ...(details && { details }),
    }),
  });

/** Extensions that a recipe can name and that nothing may create. */
export const fakePlugin: Plugin = definePlugin({
  name: '@fake/all',
  version: '1.2.3',
  api: '^1.0.0',
  extensions: [
    defineStudent({ id: 'student/fake', summary: 'Learns nothing.', ...none }),
    defineDataset({ id: 'data/fake', summary: 'Holds nothing.', ...none }),
    defineAlignmentLoss({ id: 'loss/fake', summary: 'Always nil.', ...none }),
    defineOptimizer({ id: 'optimizer/adamw', summary: 'Changes nothing.', ...none }),
    defineLogger({ id: 'logger/jsonl', summary: 'Writes nothing.', ...none }),
    defineSampler({ id: 'sampler/euler-maruyama', summary: 'Draws nothing.', options: steps, create: never }),
    defineSampler({ id: 'sampler/heun', summary: 'Draws nothing twice.', options: steps, create: never }),
    fakeBackend('wasm', 10, true),
  ],
});

export const FAKE_RECIPE = { name: 'fake', student: 'student/fake', data: 'data/fake', steps: 2, batchSize: 1 };

export const fakeReport = (report: Partial<RunReport> = {}): RunReport => ({
  status: 'finished',
  folder: '/runs/fake',
  recipe: { alignment: {} } as RunReport['recipe'],
  backend: { name: 'wasm', device: 'one thread', version: '4.22' },
  step: 2,
  steps: 2,
  phaseChange: { step: 1, reason: 'it was enough' },
  losses: { 'loss/total': { step: [1, 2], value: [2, 0.5] }, grad_norm: { step: [1, 2], value: [1, 1] } },
  stepSeconds: { aligning: { median: 0.25, count: 1 }, free: { median: 0.125, count: 1 } },
  checkpoints: [{ step: 2, path: '/runs/fake/checkpoints/step-00000002', reason: 'finished' }],
  forkedFrom: null,
  samples: null,
  ...report,
});

export const DATA_SPEC: DataSpec = {
  name: 'fake',
  length: 2,
  classes: ['Bag', 'T-shirt/top'],
  image: { channels: 1, height: 1, width: 1 },
  fingerprint: 'f',
};

export function fakeSamples(labels: readonly number[]): Samples {
  const { image: shape, classes } = DATA_SPEC;
  return { images_BCHW: Uint8Array.from(labels, () => 7), labels_B: Int32Array.from(labels), shape, classes };
}

/** The framework with everything slow replaced: what a test does not give refuses to be called. */
export function fakeEngine(given: { readonly [K in keyof Engine]?: unknown }): Engine {
  const refuse = (name: string) => () => {
    throw new Error(`The command called ${name}.`);
  };
  return {
    builtins: [fakePlugin],
    createHost,
    readRecipe,
    locatePackage,
    parseRef,
    recipeJsonSchema,
    train: refuse('train'),
    cacheTeachers: refuse('cacheTeachers'),
    chooseCheckpoint: refuse('chooseCheckpoint'),
    sweep: refuse('sweep'),
    withUntil: refuse('withUntil'),
    readRunRecord: refuse('readRunRecord'),
    readRunLog: refuse('readRunLog'),
    replayRun: refuse('replayRun'),
    sampleImages: refuse('sampleImages'),
    Evaluator: { open: refuse('Evaluator.open') },
    reportSamples: refuse('reportSamples'),
    fashionMnistSource: refuse('fashionMnistSource'),
    contactSheet,
    imageAt,
    writePng: refuse('writePng'),
    checkEncoder: refuse('checkEncoder'),
    sheetOf,
    catalogue: [],
    recipeLine,
    hubName,
    cachedWeights,
    hubCacheFolder,
    pullWeights: refuse('pullWeights'),
    ...given,
  } as Engine;
}
