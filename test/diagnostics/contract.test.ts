// What every diagnostic must keep to, whatever it measures.
import { readFile } from 'node:fs/promises';
import type { Host, RecipeInput } from '@hastejs/core';
import {
  alignmentByLayer,
  attentionDistance,
  builtins,
  cknnaByLayer,
  effectiveRankByLayer,
  fixed,
  gradientAngle,
  linearProbeByLayer,
} from '@hastejs/haste';
import { type Metric, type MetricContext, type Ref, defineMetric, definePlugin } from '@hastejs/plugin-api';
import { tf } from '@hastejs/tensor';
import { z } from 'zod';
import { temporaryFolder, toyAlignment, toyHost, toyRecipe, toyTrain } from '#support/toy-run.js';

const folder = temporaryFolder();
let host: Host;
beforeAll(async () => {
  host = await toyHost();
  await toyTrain(host, toyRecipe({ steps: 1 }), { folder: folder.path('warm') }); // a backend is there from now on
});
afterAll(() => host.close());
afterEach(() => expect(tf.memory().numTensors).toBe(0));

const every = 2;
/** Not a multiple of the batch size 4. */
const images = 18;
const METRICS: Readonly<Record<string, Ref<'metric'>>> = {
  'metric/gradient-angle': gradientAngle({ every, images, by: ['block', 'time'] }),
  'metric/alignment': alignmentByLayer({ every, images }),
  'metric/cknna': cknnaByLayer({ every, images, neighbours: 5 }),
  'metric/linear-probe': linearProbeByLayer({ every, images }),
  'metric/attention-distance': attentionDistance({ every, images }),
  'metric/effective-rank': effectiveRankByLayer({ every, images, of: 'tokens' }),
};
/** It judges samples with a classifier of garments: its tests are with those of evaluation. */
const ELSEWHERE = ['metric/frechet'];

const recipe = (metrics: readonly Ref<'metric'>[], change: Partial<RecipeInput> = {}): RecipeInput =>
  toyRecipe({ metrics: [...metrics], steps: 6, alignment: toyAlignment(fixed({ step: 4 })), checkpoints: { every: 1, keep: 9 }, ...change }); // prettier-ignore

type Line = Record<string, number>;
async function measured(name: string): Promise<Line[]> {
  const lines = (await readFile(folder.path(name, 'metrics.jsonl'), 'utf8')).trimEnd().split('\n');
  const values = lines.map((line) =>
    Object.fromEntries(
      Object.entries(JSON.parse(line) as Line).filter(([key]) => key === 'step' || key.startsWith('metric/')),
    ),
  );
  return values.filter((line) => Object.keys(line).length > 1);
}

it('is held against every diagnostic there is', () => {
  const ids = builtins.flatMap(({ extensions }) => extensions.filter(({ kind }) => kind === 'metric').map(({ id }) => id)); // prettier-ignore
  expect([...Object.keys(METRICS), ...ELSEWHERE].sort()).toEqual(ids.sort());
});

describe.each(Object.entries(METRICS))('%s', (id, ref) => {
  const place = (name: string) => `${id.slice('metric/'.length)}-${name}`;
  /** What it promised when the run made it. */
  let names: readonly string[];
  let needsAlignment: boolean;

  beforeAll(async () => {
    const spy: { metric?: Metric } = {};
    const wrapped = await host.withPlugins([spying(ref, spy)]);
    await toyTrain(wrapped, recipe([{ kind: 'metric', id: 'metric/spy', with: {} }], { steps: 2 }), { folder: folder.path(place('spy')) }); // prettier-ignore
    ({ names, needsAlignment } = spy.metric!);
  });

  it('logs only values that it names, all of them finite, while it can', async () => {
    await toyTrain(host, recipe([ref]), { folder: folder.path(place('live')) });
    const lines = await measured(place('live'));
    expect(lines.map(({ step }) => step)).toEqual(needsAlignment ? [2, 4] : [2, 4, 6]);
    const known = names.map((name) => `metric/${name}`);
    for (const { step: _step, ...values } of lines) {
      expect(known).toEqual(expect.arrayContaining(Object.keys(values)));
      for (const value of Object.values(values)) expect(Number.isFinite(value)).toBe(true);
    }
    expect(lines[1]).not.toEqual({ ...lines[0], step: 4 });
  });

  it('gives the same numbers after a cut, and changes none of the run', async () => {
    const plain = await toyTrain(host, recipe([]), { folder: folder.path(place('plain')) });
    await toyTrain(host, recipe([ref]), { folder: folder.path(place('cut')), stopAfter: 3 });
    const rest = await toyTrain(host, recipe([ref]), { folder: folder.path(place('cut')), resume: true });
    expect(await measured(place('cut'))).toEqual(await measured(place('live')));
    for (const [step, losses] of rest.losses) expect(losses).toEqual(plain.losses.get(step));
  });

  it('refuses a probe set that the data cannot fill, before the run', async () => {
    const large = recipe([{ ...ref, with: { ...ref.with, images: 25 } }]);
    await expect(toyTrain(host, large, { folder: folder.path(place('large')) })).rejects.toMatchObject({
      code: 'EXTENSION_OPTIONS',
      what: 'The probe set is to have 25 images, and toy has 24.',
    });
  });
});

/** A metric that is another one, and tells what it promised. */
function spying(ref: Ref<'metric'>, spy: { metric?: Metric }) {
  const extension = builtins.flatMap(({ extensions }) => extensions).find(({ id }) => id === ref.id)! as unknown as {
    readonly options: z.ZodType;
    readonly inject?: Record<string, never>;
    create(options: unknown, services: unknown): Promise<Metric>;
  };
  const metric = defineMetric({
    id: 'metric/spy',
    summary: 'Tells what another metric promises.',
    options: z.strictObject({}),
    inject: extension.inject ?? {},
    create: async (_options, services): Promise<Metric> => {
      spy.metric = await extension.create(extension.options.parse(ref.with), services);
      return spy.metric;
    },
  });
  return definePlugin({ name: 'spy', version: '1.0.0', api: '^1.0.0', extensions: [metric] });
}

describe('the parts of a probe set', () => {
  /** Everything that a batch shows, in one list. */
  const looking = (atOnce: number | undefined, seen: number[], sizes: number[]) =>
    definePlugin({
      name: 'looking',
      version: '1.0.0',
      api: '^1.0.0',
      extensions: [
        defineMetric({
          id: 'metric/looking',
          summary: 'Looks at everything.',
          options: z.strictObject({}),
          create: (): Metric => ({
            names: ['looking'],
            every: 1,
            needsAlignment: true,
            measure: async ({ probes }: MetricContext) => {
              for await (const batch of probes(10, atOnce)) {
                sizes.push(batch.size);
                seen.push(...batch.labels_B);
                tf.tidy(() => {
                  const { tokens } = batch.taps({ tokens: [1], attention: [] }, 0.3);
                  const taught = batch.teacher('feature', 0.3).tokens.get('final')!;
                  const [pair] = batch.pairs('attention', 0.3);
                  if (pair?.reads !== 'attention') throw new Error('not attention');
                  for (const x of [tokens.get(1)!, taught, pair.studentMaps.q_BHTd]) {
                    seen.push(...tf.mean(tf.reshape(x, [batch.size, -1]), 1).dataSync());
                  }
                });
              }
              return { looking: 0 };
            },
          }),
        }),
      ],
    });

  it('are the same images with the same noise, however many are looked at together', async () => {
    const look = async (atOnce: number | undefined) => {
      const [seen, sizes]: [number[], number[]] = [[], []];
      const one = await host.withPlugins([looking(atOnce, seen, sizes)]);
      const { metrics: _none, ...rest } = recipe([]);
      await toyTrain(one, { ...rest, steps: 1, metrics: [{ kind: 'metric', id: 'metric/looking', with: {} }] }, { folder: folder.path(`parts-${atOnce ?? 'all'}`) }); // prettier-ignore
      return { seen: seen.sort((a, b) => a - b), sizes };
    };
    const [whole, parts] = [await look(undefined), await look(3)];
    expect(whole.sizes).toEqual([4, 4, 2]);
    expect(parts.sizes).toEqual([3, 1, 3, 1, 2]);
    expect(whole.seen).toHaveLength(40);
    parts.seen.forEach((value, i) => expect(value).toBeCloseTo(whole.seen[i]!, 5));
  });
});
