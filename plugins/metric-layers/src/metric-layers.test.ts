// B images, T tokens, D width, H heads, d head size.
import type {
  DataSpec,
  JsonObject,
  Metric,
  MetricContext,
  ProbeBatch,
  StudentSpec,
  TapValues,
  Taps,
} from '@hastejs/plugin-api';
import { type Tensor3D, type Tensor4D, normalTensor, rng, tf } from '@hastejs/tensor';
import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaksAsync } from '#support/leaks.js';
import { gridDistances, headDistances } from './head-distances.js';
import { attentionDistance, cknnaByLayer, effectiveRankByLayer, linearProbeByLayer } from './index.js';

const STUDENT = { name: 'SiT', blocks: 3, width: 6, heads: 2, headDim: 3, grid: { height: 2, width: 2 }, classes: 3 } as StudentSpec; // prettier-ignore
const DATA = { name: 'toy', length: 60, classes: ['a', 'b', 'c'] } as unknown as DataSpec;
const RECIPE: JsonObject = { alignment: { terms: { attention: { loss: 'attention' }, feature: { loss: 'tokens' } } } };
const services = {
  student: STUDENT,
  data: DATA,
  recipe: RECIPE,
  extensions: { create: async (reads: unknown) => ({ reads }) },
} as never;

type Make = { options: { parse(options: object): object }; create(options: never, services: never): unknown };
const create = async (metric: Make, options: object = {}): Promise<Metric> =>
  (await metric.create(metric.options.parse({ images: 60, ...options }) as never, services)) as Metric;

/**
 * Block 0 is a constant, block 1 the class along an axis of its own, block 2 what the teacher sees; a little noise on all.
 * Looking at labels where none are asked for is a fault.
 */
function tokensOf(block: number, labels_B: Int32Array, first: number): Tensor3D {
  return tf.tidy(() => {
    const B = labels_B.length;
    const rows = Array.from(labels_B, (label, b) => {
      const own = rng(first + b).normal(6);
      const sharp = (d: number) => (block === 0 ? 1 : block === 1 ? Number(d === label) : own[d]!);
      return Array.from(own, (_, d) => Array.from({ length: 4 }, (_token, t) => sharp(d) + 1e-3 * rng(b + t).uniform(6)[d]!)); // prettier-ignore
    });
    return tf.transpose(tf.tensor3d(rows, [B, 6, 4]), [0, 2, 1]);
  });
}

const asked: { taps: Taps; time: number; labels: string | undefined }[] = [];
const context = {
  async *probes(images: number, atOnce = Infinity): AsyncGenerator<ProbeBatch> {
    const size = Math.min(10, atOnce);
    for (let first = 0; first < images; first += size) {
      const labels_B = Int32Array.from({ length: Math.min(size, images - first) }, (_, i) => (first + i) % 3);
      const values = (taps: Taps): TapValues => ({
        tokens: new Map(taps.tokens.map((site) => [site, tokensOf(site as number, labels_B, first)])),
        attention: new Map(
          taps.attention.map((block) => {
            const x = tf.fill([labels_B.length, 2, 4, 3], block === 0 ? 0 : 1) as Tensor4D;
            return [block, { q_BHTd: x, k_BHTd: x }];
          }),
        ),
      });
      yield {
        size: labels_B.length,
        labels_B,
        taps: (taps: Taps, time: number, labels?: 'own' | 'none') => (asked.push({ taps, time, labels }), values(taps)),
        teacher: () => ({
          tokens: new Map([['final', tf.mul(tokensOf(2, labels_B, first), 3)]]),
          attention: new Map(),
        }),
      } as unknown as ProbeBatch;
    }
  },
} as unknown as MetricContext;

describeEachBackend('metrics by layer', () => {
  beforeEach(() => void asked.splice(0));

  it('metric/cknna: 1 where neighbours are the same, less where only the class is', async () => {
    const values = await (await create(cknnaByLayer, { neighbours: 10 })).measure(context);
    expect(values['cknna/block2']).toBeGreaterThan(0.98);
    expect(values['cknna/block1']).toBeLessThan(0.5);
  });

  it('metric/linear-probe: reads the class where it is', async () => {
    const values = await (await create(linearProbeByLayer, { name: 'probe', blocks: [2, 1, 1] })).measure(context);
    expect(Object.keys(values)).toEqual(['probe/block1', 'probe/block2']);
    expect(values['probe/block1']).toBe(1);
    expect(values['probe/block2']).toBeLessThan(0.7);
  });

  it.each(['images', 'tokens'])('metric/effective-rank: counts directions, of %s', async (of) => {
    const values = await (await create(effectiveRankByLayer, { of })).measure(context);
    // Three classes are the corners of a triangle.
    expect(values['effective_rank/block1']).toBeGreaterThan(1.95);
    expect(values['effective_rank/block1']).toBeLessThan(2.2);
    expect(values['effective_rank/block2']).toBeGreaterThan(5);
  });

  it('metric/attention-distance: the mean distance on the grid where attention is everywhere alike', async () => {
    const values = await (await create(attentionDistance, { blocks: [0] })).measure(context);
    expect(values['attention_distance/block0']).toBeCloseTo((0 + 1 + 1 + Math.SQRT2) / 4, 5);
    expect(values['attention_distance/block0/spread']).toBeCloseTo(0, 5);
  });

  it('ask for the taps of the blocks named, at the time given, without labels unless told', async () => {
    await (await create(attentionDistance, { blocks: [1], time: 0.2, labels: 'own' })).measure(context);
    await (await create(effectiveRankByLayer, { blocks: [0, 2] })).measure(context);
    expect(asked[0]).toEqual({ taps: { tokens: [], attention: [1] }, time: 0.2, labels: 'own' });
    expect(asked.at(-1)).toEqual({ taps: { tokens: [0, 2], attention: [] }, time: 0.5, labels: 'none' });
  });

  it.each([cknnaByLayer, linearProbeByLayer, effectiveRankByLayer, attentionDistance])(
    'free what they make',
    async (metric) => {
      const one = await create(metric as Make);
      await expectNoLeaksAsync(async () => void (await one.measure(context)));
    },
  );

  it('attention that only looks at itself reaches nowhere, and chunks change nothing', () => {
    const apart_TT = gridDistances({ height: 2, width: 3 });
    const self = tf.mul(tf.tile(tf.reshape(tf.eye(6), [1, 1, 6, 6]), [2, 2, 1, 1]), 40) as Tensor4D;
    expect(Math.max(...headDistances({ q_BHTd: self, k_BHTd: self }, apart_TT).dataSync())).toBeLessThan(1e-5);
    const [q_BHTd, k_BHTd] = [1, 2].map((seed) => normalTensor(rng(seed), [3, 2, 6, 5]) as Tensor4D) as [Tensor4D, Tensor4D]; // prettier-ignore
    const whole = [...headDistances({ q_BHTd, k_BHTd }, apart_TT).dataSync()];
    const parts = [...headDistances({ q_BHTd, k_BHTd }, apart_TT, 4 * 36).dataSync()];
    parts.forEach((value, head) => expect(value).toBeCloseTo(whole[head]!, 6));
    expect(whole[0]).not.toBeCloseTo(whole[1]!, 3);
    expect([...apart_TT.dataSync()].slice(0, 6)).toEqual([
      0,
      1,
      2,
      1,
      Math.fround(Math.SQRT2),
      Math.fround(Math.sqrt(5)),
    ]);
  });
});

describe('options of metrics by layer', () => {
  it('are checked before the run', async () => {
    await expect(create(linearProbeByLayer, { images: 61 })).rejects.toThrow('61 images, and toy has 60');
    await expect(create(attentionDistance, { blocks: [3] })).rejects.toThrow('SiT has no block 3: it has 3.');
    await expect(create(cknnaByLayer, { images: 10 })).rejects.toThrow('10 images have no 10 neighbours each');
    await expect(create(cknnaByLayer, { term: 'attention' })).rejects.toThrow('no alignment term "attention" that reads tokens'); // prettier-ignore
    const none = { ...(services as object), recipe: { alignment: null } } as never;
    await expect(cknnaByLayer.create(cknnaByLayer.options.parse({ images: 60 }), none)).rejects.toThrow(
      "reads the teacher's tokens",
    );
  });

  it.each([
    { every: 0 },
    { time: 1.1 },
    { images: 7 },
    { blocks: [] },
    { name: 'a b' },
    { layers: [1] },
    { labels: 'null' },
  ])('refuse %j', (options) => {
    for (const { options: schema } of [cknnaByLayer, linearProbeByLayer, effectiveRankByLayer, attentionDistance]) {
      expect(schema.safeParse(options).success).toBe(false);
    }
  });
});
