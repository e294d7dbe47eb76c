// A plugin whose every call can be made to misbehave, and a run that meets it.
import { tmpdir } from 'node:os';
import { type Host, type RecipeInput, createHost } from '@hastejs/core';
import { builtins, fixed, pairs } from '@hastejs/haste';
import {
  type AlignmentLoss,
  type Dataset,
  type Metric,
  type RunLogger,
  type TeacherEncoder,
  type TerminationTrigger,
  defineAlignmentLoss,
  defineDataset,
  defineLogger,
  defineMetric,
  definePlugin,
  defineTeacher,
  defineTrigger,
} from '@hastejs/plugin-api';
import { tf } from '@hastejs/tensor';
import { train } from '@hastejs/trainer';
import { z } from 'zod';
import { keptNotices, thrownBy } from '#support/samples.js';
import { toyRecipe } from '#support/toy-run.js';
import { toyPlugin } from '#support/toy.js';

/** What takes the place of members that behave. Each may be anything: that is the point. */
export interface Misdeeds {
  readonly createTeacher?: () => unknown;
  readonly teacher?: Partial<Record<keyof TeacherEncoder, unknown>>;
  readonly loss?: Partial<Record<'init' | 'loss' | 'reads', unknown>>;
  readonly trigger?: Partial<Record<keyof TerminationTrigger, unknown>>;
  readonly metric?: Partial<Record<keyof Metric, unknown>>;
  readonly logger?: Partial<Record<keyof RunLogger, unknown>>;
  readonly data?: Partial<Record<keyof Dataset, unknown>>;
}

const none = z.strictObject({});
const grid = { height: 2, width: 2 };
const teacherSpec = { name: 'acme', blocks: 2, width: 6, heads: 2, headDim: 3, grid };
const image = { channels: 1, height: 8, width: 8 };

const teacher = (misdeeds: Misdeeds): TeacherEncoder => ({
  spec: teacherSpec,
  encode: (images_BCHW, { tokens }) => ({
    tokens: new Map(tokens.map((site) => [site, tf.ones([images_BCHW.shape[0], 4, 6])])),
    attention: new Map(),
  }),
  dispose: () => undefined,
  ...(misdeeds.teacher as object),
});
const loss: AlignmentLoss = {
  reads: 'tokens',
  loss: (student_BTD, teacher_BTD) => tf.add(tf.mean(student_BTD), tf.mean(teacher_BTD)),
};
const trigger: TerminationTrigger = { watches: [], init: () => null, decide: (state) => ({ state }) };
const metric: Metric = { names: ['acme'], every: 1, needsAlignment: false, measure: () => ({ acme: 1 }) };
const logger: RunLogger = { scalars: () => undefined, close: () => undefined };
const data: Dataset = {
  spec: { name: 'acme', length: 8, classes: ['a', 'b'], image, fingerprint: 'acme-1' },
  read: async (indices) => ({
    images_BCHW: new Uint8Array(indices.length * 64),
    labels_B: new Int32Array(indices.length),
  }),
  dispose: () => undefined,
};

/** `@acme/hostile 1.2.3` */
export function hostilePlugin(misdeeds: Misdeeds) {
  const about = { summary: 'Misbehaves.', options: none };
  const but = <T extends object>(well: T, ill: object | undefined): T => ({ ...well, ...ill });
  return definePlugin({
    name: '@acme/hostile',
    version: '1.2.3',
    api: '^1.0.0',
    extensions: [
      defineTeacher({
        id: 'teacher/acme',
        ...about,
        create: () => (misdeeds.createTeacher ? misdeeds.createTeacher() : teacher(misdeeds)) as never,
      }),
      defineAlignmentLoss({ id: 'loss/acme', ...about, create: () => but(loss, misdeeds.loss) }),
      defineTrigger({ id: 'trigger/acme', ...about, create: () => but(trigger, misdeeds.trigger) }),
      defineMetric({ id: 'metric/acme', ...about, create: () => but(metric, misdeeds.metric) }),
      defineLogger({ id: 'logger/acme', ...about, create: () => but(logger, misdeeds.logger) }),
      defineDataset({ id: 'data/acme', ...about, create: () => but(data, misdeeds.data) }),
    ],
  });
}

const ref = <K extends string>(kind: K, id: string) => ({ kind, id, with: {} }) as const;

/** Two steps with every extension of the plugin in its place. */
export const hostileRecipe = (change: Partial<RecipeInput> = {}): RecipeInput =>
  toyRecipe({
    steps: 2,
    batchSize: 2,
    data: ref('dataset', 'data/acme'),
    alignment: {
      teacher: ref('teacher', 'teacher/acme'),
      until: ref('trigger', 'trigger/acme'),
      terms: { term: { loss: ref('alignmentLoss', 'loss/acme'), layers: pairs({ pairs: [[0, 1]] }), weight: 1 } },
    },
    metrics: [ref('metric', 'metric/acme')],
    loggers: [ref('logger', 'logger/acme')],
    backend: ref('backend', 'backend/cpu'),
    ...change,
  });

export const endsAfterOneStep = (recipe: RecipeInput): RecipeInput => ({
  ...recipe,
  alignment: { ...recipe.alignment!, until: fixed({ step: 1 }) },
});

export interface Meeting {
  readonly timeLimit?: number;
  readonly patience?: number;
  readonly signal?: AbortSignal;
  readonly recipe?: RecipeInput;
}

/** A run that meets the plugin: what it was warned of, and what it threw; null when it finished. */
export async function meet(
  misdeeds: Misdeeds,
  folder: string,
  { recipe = hostileRecipe(), signal, ...waiting }: Meeting = {},
) {
  const notices = keptNotices();
  const plugins = [...builtins, toyPlugin, hostilePlugin(misdeeds)];
  const host: Host = await createHost({ plugins, notices, ...waiting });
  await host.selectBackend('backend/cpu');
  const before = tf.memory().numTensors;
  const running = async () => {
    await train({ host, recipe: host.resolve(recipe), baseDir: tmpdir(), folder, ...(signal && { signal }) });
    throw FINISHED;
  };
  const error = await thrownBy(running);
  const left = tf.memory().numTensors - before;
  await host.close();
  return { warnings: notices.warnings, error: error === FINISHED ? null : error, left };
}

const FINISHED = new Error('The run finished.');
