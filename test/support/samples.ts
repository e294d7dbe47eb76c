// Extensions of every kind that fulfil their contracts and compute nothing: for tests of how extensions are found,
// checked, created and closed.
import {
  type Backend,
  type Dataset,
  type Json,
  type Notices,
  type Plugin,
  Services,
  type Student,
  type StudentSpec,
  defineAlignmentLoss,
  defineBackend,
  defineDataset,
  defineLogger,
  defineMetric,
  defineOptimizer,
  definePlugin,
  defineSampler,
  defineStudent,
  defineTargetLayers,
  defineTeacher,
  defineTrigger,
} from '@hastejs/plugin-api';
import { z } from 'zod';

const none = z.strictObject({});
const unused = (): never => {
  throw new Error('A sample computes nothing.');
};
const grid = { height: 2, width: 2 };
const image = { channels: 1, height: 4, width: 4 };
const model = { name: 'sample', blocks: 2, width: 8, heads: 2, headDim: 4, grid };
const studentSpec: StudentSpec = { ...model, input: image, classes: 3 };

export const student = defineStudent({
  id: 'student/sample',
  summary: 'A student.',
  options: z.strictObject({
    depth: z.number().int().positive().max(100).default(12),
    norm: z.enum(['layer', 'none']).default('layer'),
    sizes: z.array(z.number()).default([]),
    inner: z.strictObject({ scale: z.number().optional() }).default({}),
  }),
  inject: { rng: Services.rng },
  create: (): Student => ({ spec: studentSpec, frozen: [], init: unused, forward: unused }),
});
export const dataset = defineDataset({
  id: 'data/sample',
  summary: 'Images in a folder.',
  options: z.strictObject({ dir: z.string().min(1) }),
  create: (): Dataset => ({
    spec: { name: 'sample', length: 6, classes: ['a', 'b', 'c'], image, fingerprint: 'sample-1' },
    read: unused,
    dispose: () => undefined,
  }),
});
export const teacher = defineTeacher({
  id: 'teacher/sample',
  summary: 'A teacher.',
  options: z.strictObject({ size: z.union([z.enum(['small', 'base']), z.number().int()]).default('base') }),
  create: () => ({ spec: model, encode: unused, dispose: () => undefined }),
});
export const loss = defineAlignmentLoss({
  id: 'loss/sample',
  summary: 'A loss.',
  options: z.strictObject({ hidden: z.number().int().positive().default(2048) }),
  create: () => ({ reads: 'tokens', loss: unused }),
});
export const layers = defineTargetLayers({
  id: 'layers/sample',
  summary: 'Layers.',
  options: z.strictObject({ pairs: z.array(z.tuple([z.number().int(), z.number().int()])).min(1) }),
  create: () => ({ select: () => [], grids: 'refuse' }),
});
export const trigger = defineTrigger({
  id: 'trigger/sample',
  summary: 'Stops after a step.',
  options: z.strictObject({ step: z.number().int().nonnegative() }),
  create: () => ({ watches: [], init: () => null, decide: (state: Json) => ({ state }) }),
});
export const metric = defineMetric({
  id: 'metric/sample',
  summary: 'A measurement.',
  options: none,
  create: () => ({ names: ['sample'], every: 1, needsAlignment: false, measure: () => ({ sample: 1 }) }),
});
export const sampler = defineSampler({
  id: 'sampler/euler-maruyama',
  summary: 'The default sampler by name.',
  options: z.strictObject({ steps: z.number().int().positive().default(250) }),
  create: () => ({ sample: unused }),
});
export const optimizer = defineOptimizer({
  id: 'optimizer/adamw',
  summary: 'The default optimizer by name.',
  options: z.strictObject({ lr: z.number().positive().default(1e-4) }),
  create: () => ({ init: () => ({}), update: unused }),
});
export const logger = defineLogger({
  id: 'logger/jsonl',
  summary: 'The default logger by name.',
  options: none,
  create: () => ({ scalars: () => undefined, close: () => undefined }),
});
export const backend = defineBackend({
  id: 'backend/sample',
  summary: 'A backend.',
  options: none,
  create: (): Backend => ({
    name: 'sample',
    rank: 1,
    probe: async () => ({ available: true, device: 'paper', version: '1' }),
    activate: async () => undefined,
  }),
});

/** A plugin around the extensions given. */
export function pluginOf(extensions: Plugin['extensions'], change: Partial<Plugin> = {}): Plugin {
  return definePlugin({ name: 'sample', version: '1.2.3', api: '^1.0.0', extensions, ...change });
}

export const samples = pluginOf([
  ...[student, dataset, teacher, loss, layers, trigger],
  ...[metric, sampler, optimizer, logger, backend],
]);

/** Notices that are kept. */
export function keptNotices(): Notices & { readonly warnings: string[] } {
  const warnings: string[] = [];
  return { warnings, info: () => undefined, warn: (message) => void warnings.push(message) };
}

/** What a promise or function throws, for looking at more than its message. */
export async function thrownBy(
  f: () => unknown,
): Promise<{ message: string; code?: string; where?: string; fix?: string }> {
  try {
    await f();
  } catch (error) {
    return error as Error;
  }
  throw new Error('Nothing was thrown.');
}
