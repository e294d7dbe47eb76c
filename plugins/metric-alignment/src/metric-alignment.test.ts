// B images, H heads, T tokens, D width, d head size.
import type { ComparedPair, DataSpec, JsonObject, Metric, MetricContext, ProbeBatch, QueryKey, StudentSpec } from '@hastejs/plugin-api'; // prettier-ignore
import { type Tensor3D, type Tensor4D, normalTensor, rng, tf } from '@hastejs/tensor';
import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaksAsync } from '#support/leaks.js';
import { alignmentByLayer } from './index.js';

const LOSSES = {
  tokens: { reads: 'tokens', init: () => ({}), project: (x: unknown) => x },
  attention: { reads: 'attention' },
  opaque: { reads: 'tokens', init: () => ({}) },
  relation: { reads: 'tokens', project: null },
  alone: { reads: 'student' },
};
const recipeOf = (...terms: (keyof typeof LOSSES)[]): JsonObject => ({
  alignment: { terms: Object.fromEntries(terms.map((term) => [term, { loss: term }])) },
});
const create = async (options: object = {}, recipe = recipeOf('tokens', 'attention')): Promise<Metric> =>
  alignmentByLayer.create(alignmentByLayer.options.parse({ images: 6, ...options }), {
    recipe,
    student: { name: 'SiT', blocks: 3 } as StudentSpec,
    data: { name: 'toy', length: 6 } as DataSpec,
    extensions: { create: async (ref: unknown) => LOSSES[ref as keyof typeof LOSSES] } as never,
  });

const maps = (seed: number, B: number): QueryKey => ({
  q_BHTd: normalTensor(rng(seed), [B, 2, 3, 4]) as Tensor4D,
  k_BHTd: normalTensor(rng(seed + 50), [B, 2, 3, 4]) as Tensor4D,
});

/** Four images whose tokens point the teacher's way, and two at right angles to it; maps that agree in block 2 only. */
function pairsOf(term: string, B: number): readonly ComparedPair[] {
  const along = (x: number, y: number) => tf.tile(tf.tensor3d([[[x, y]]]), [B, 3, 1]) as Tensor3D;
  if (term === 'tokens') {
    return [{ student: 1, teacher: 'final', reads: 'tokens', student_BTD: along(2, 0), teacher_BTD: B === 4 ? along(5, 0) : along(0, 1) }]; // prettier-ignore
  }
  const same = maps(1, B);
  return [
    { student: 0, teacher: 4, reads: 'attention', studentMaps: maps(2, B), teacherMaps: same },
    { student: 2, teacher: 4, reads: 'attention', studentMaps: same, teacherMaps: same },
    { student: 0, teacher: 5, reads: 'attention', studentMaps: same, teacherMaps: same },
  ];
}

const context = {
  async *probes(): AsyncGenerator<ProbeBatch> {
    for (const size of [4, 2]) yield { size, pairs: (term: string) => pairsOf(term, size) } as unknown as ProbeBatch;
  },
} as unknown as MetricContext;

describeEachBackend('metric/alignment', () => {
  it('gives each image the same weight, and layers a mean over their pairs', async () => {
    const metric = await create();
    const values = await metric.measure(context);
    expect(values['alignment/tokens/block1']).toBeCloseTo(4 / 6, 6);
    expect(values['alignment/attention/block2']).toBeCloseTo(0, 6);
    expect(values['alignment/attention/block2/entropy']).toBeGreaterThan(0.1);
    // Two pairs, of which one agrees.
    const alone = await (await create({ terms: ['attention'], name: 'own' })).measure(context);
    expect(alone['own/attention/block0']).toBe(values['alignment/attention/block0']);
    expect(alone['own/attention/block0']).toBeGreaterThan(0.05);
    expect(metric.names).toEqual(expect.arrayContaining(Object.keys(values)));
    expect(metric.names).toHaveLength(3 + 6);
  });

  it('frees what it makes', async () => {
    const metric = await create();
    await expectNoLeaksAsync(async () => void (await metric.measure(context)));
  });
});

describe('metric/alignment options', () => {
  it('are checked before the run', async () => {
    await expect(create({ terms: ['tokens', 'token'] })).rejects.toThrow('no alignment term "token".');
    await expect(create({}, { alignment: null })).rejects.toThrow('The recipe has no alignment.');
    await expect(create({}, recipeOf('opaque'))).rejects.toThrow('does not say how it projects');
    await expect(create({ images: 7 })).rejects.toThrow('7 images, and toy has 6');
  });

  it('leaves out terms that hold nothing against a teacher in the same place, unless they are asked for', async () => {
    const { names } = await create({}, recipeOf('relation', 'tokens', 'alone'));
    expect(names).toEqual([0, 1, 2].map((block) => `alignment/tokens/block${block}`));
    for (const term of ['relation', 'alone'] as const) {
      const asked = create({ terms: ['tokens', term] }, recipeOf('tokens', term));
      await expect(asked).rejects.toThrow(`"${term}" holds no token or map of the student against one of a teacher.`);
    }
    await expect(create({}, recipeOf('relation', 'alone'))).rejects.toThrow('"relation", "alone" hold no token');
  });

  it.each([{ every: 0 }, { time: -1 }, { terms: [] }, { name: 'a/b' }, { blocks: [1] }])('refuses %j', (options) => {
    expect(alignmentByLayer.options.safeParse(options).success).toBe(false);
  });
});
