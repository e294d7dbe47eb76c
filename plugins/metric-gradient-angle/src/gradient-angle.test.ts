import type { DataSpec, JsonObject, Metric, MetricContext, ProbeBatch, StudentSpec } from '@hastejs/plugin-api';
import { type Params, type Tensor, tf } from '@hastejs/tensor';
import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaksAsync } from '#support/leaks.js';
import type { z } from 'zod';
import { gradientAngle } from './index.js';

const STUDENT = { name: 'SiT', blocks: 4 } as StudentSpec;
const DATA = { name: 'toy', length: 12 } as DataSpec;
const RECIPE: JsonObject = { alignment: { terms: { feature: {}, attention: {} } } };
const create = (options: z.input<typeof gradientAngle.options> = {}, recipe = RECIPE) =>
  gradientAngle.create(gradientAngle.options.parse(options), { recipe, student: STUDENT, data: DATA }) as Metric;

const vectors = (values: Record<string, number[]>): Params =>
  Object.fromEntries(Object.entries(values).map(([name, v]): [string, Tensor] => [name, tf.tensor1d(v)]));

/** Denoising pulls along x in block 0 and not at all in the projector; alignment is turned by an angle that depends on t. */
const context: MetricContext = {
  step: 1000,
  terms: ['denoise', 'feature', 'attention'],
  params: {},
  gradients: (term, times) => gradientsAt(term, times![0]!),
  sample: () => Promise.reject(new Error('draws nothing')),
  // Two batches: in the second, alignment is turned by half a radian more.
  async *probes(images) {
    yield batchOf(images - 2, 0);
    yield batchOf(2, 0.5);
  },
};

/** A batch in which alignment is turned. It looks at gradients only. */
function batchOf(size: number, turn: number): ProbeBatch {
  const nothing = (): never => {
    throw new Error('no model is looked at');
  };
  const gradients = (term: string, times?: readonly number[]) => gradientsAt(term, times![0]! + turn);
  return { size, gradients, labels_B: new Int32Array(size), taps: nothing, teacher: nothing, pairs: nothing };
}

function gradientsAt(term: string, t: number): Params {
  if (term === 'denoise') return vectors({ 'blocks.0.w': [2, 0], 'blocks.1.w': [0, 3], 'final.w': [100] });
  if (term === 'attention') return vectors({ 'blocks.0.w': [-1, 0], 'blocks.1.w': [0, 0] });
  return vectors({ 'blocks.0.w': [Math.cos(t), Math.sin(t)], 'blocks.1.w': [5, 0], 'projectors.0.w': [7] });
}

describeEachBackend('metric/gradient-angle', () => {
  it('gives mean and standard error of the cosine over times, within the blocks given', async () => {
    const values = await create({ blocks: [0], times: [0.1, 0.5] }).measure(context);
    expect(Object.keys(values)).toEqual(create().names);
    expect(values['gradient_cosine/feature']).toBeCloseTo((Math.cos(0.1) + Math.cos(0.5)) / 2, 5);
    expect(values['gradient_cosine/feature/error']).toBeCloseTo((Math.cos(0.1) - Math.cos(0.5)) / 2, 5);
    expect(values['gradient_cosine/attention']).toBeCloseTo(-1, 5);
    expect(values['gradient_cosine/attention/error']).toBeCloseTo(0, 5);
  });

  it('averages over the batches of a probe set, whose spread is the error', async () => {
    const options = { blocks: [0], times: [0.1, 0.3], images: 10, terms: ['alignment'], name: 'angle' };
    const values = await create(options).measure(context);
    const [first, second] = [0, 0.5].map((turn) => (Math.cos(0.1 + turn) + Math.cos(0.3 + turn)) / 2) as [
      number,
      number,
    ];
    expect(Object.keys(values)).toEqual(['angle/alignment', 'angle/alignment/error']);
    expect(values['angle/alignment']).toBeCloseTo((first + second) / 2, 5);
    expect(values['angle/alignment/error']).toBeCloseTo((first - second) / 2, 5);
  });

  it('takes every parameter that both gradients reach when no block is given', async () => {
    const values = await create({ terms: ['feature'], times: [0.2, 0.2] }).measure(context);
    expect(Object.keys(values)).toEqual(['gradient_cosine/feature', 'gradient_cosine/feature/error']);
    // ⟨d, a⟩ = 2·cos t, ‖d‖² = 4 + 9, ‖a‖² = 1 + 25: neither the projector nor the final layer counts.
    expect(values['gradient_cosine/feature']).toBeCloseTo((2 * Math.cos(0.2)) / Math.sqrt(13 * 26), 5);
  });

  it('tells blocks and times apart, as by-products of the same gradients', async () => {
    let asked = 0;
    const counting: MetricContext = { ...context, gradients: (...args) => (asked++, context.gradients(...args)) };
    const metric = create({ by: ['block', 'time'], times: [0.1, 0.5], terms: ['feature'] });
    const values = await metric.measure(counting);
    expect(asked).toBe(4);
    expect(values['gradient_cosine/feature/block0']).toBeCloseTo((Math.cos(0.1) + Math.cos(0.5)) / 2, 5);
    expect(values['gradient_cosine/feature/block1']).toBe(0);
    // No gradient reaches the last two blocks.
    expect(Object.keys(values).filter((name) => name.includes('block')).length).toBe(4);
    expect(values['gradient_cosine/feature/t0.5']).toBeCloseTo((2 * Math.cos(0.5)) / Math.sqrt(13 * 26), 5);
    expect(metric.names).toEqual(expect.arrayContaining(Object.keys(values)));
    const several = create({ blocks: [0], by: ['time'], times: [0.1, 0.3], terms: ['feature'], images: 10 });
    const probed = await several.measure(context);
    expect(probed['gradient_cosine/feature/t0.1']).toBeCloseTo((Math.cos(0.1) + Math.cos(0.6)) / 2, 5);
    expect(probed['gradient_cosine/feature/t0.1/error']).toBeCloseTo((Math.cos(0.1) - Math.cos(0.6)) / 2, 5);
    expect(several.names).toEqual(expect.arrayContaining(Object.keys(probed)));
  });

  it('calls a gradient that vanishes orthogonal', async () => {
    expect((await create({ blocks: [1] }).measure(context))['gradient_cosine/attention']).toBe(0);
  });

  it('calls a term that does not count at a time orthogonal there', async () => {
    const gradients = (term: string, times?: readonly number[]) =>
      term === 'feature' && times![0] === 0.1 ? {} : gradientsAt(term, times![0]!);
    const values = await create({ blocks: [0], times: [0.1, 0.5], terms: ['feature'] }).measure({
      ...context,
      gradients,
    });
    expect(values['gradient_cosine/feature']).toBeCloseTo(Math.cos(0.5) / 2, 5);
  });

  it('frees every gradient, also when it refuses', async () => {
    await expectNoLeaksAsync(async () => void (await create().measure(context)));
    await expectNoLeaksAsync(async () => {
      await expect(create({ blocks: [3] }).measure(context)).rejects.toThrow('reaches none of the blocks');
    });
  });
});

describe('metric/gradient-angle options', () => {
  it('names what is wrong before the run starts', () => {
    expect(() => create({ blocks: [4] })).toThrow('SiT has no block 4: it has 4.');
    expect(() => create({ terms: ['features'] })).toThrow('no alignment term "features"');
    expect(() => create({}, { alignment: null })).toThrow('no alignment');
    expect(() => create({ images: 13 })).toThrow('The probe set is to have 13 images, and toy has 12.');
  });

  it.each([
    { every: 0 },
    { times: [0.5] },
    { times: [0, 0.5] },
    { blocks: [] },
    { block: 4 },
    { images: 0 },
    { name: 'a/b' },
    { by: ['layer'] },
  ])('refuses %j', (options) => {
    expect(gradientAngle.options.safeParse(options).success).toBe(false);
  });
});
