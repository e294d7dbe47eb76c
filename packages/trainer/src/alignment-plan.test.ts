import type {
  AlignmentLoss,
  AlignmentSpecs,
  LayerPair,
  StudentSpec,
  TargetLayers,
  Taps,
  TeacherSpec,
} from '@hastejs/plugin-api';
import type { Scalar } from '@hastejs/tensor';
import { planTerm } from './alignment-plan.js';
import { tapsOf } from './term-taps.js';

const student: StudentSpec = {
  name: 'SiT-test',
  blocks: 6,
  width: 64,
  heads: 6,
  headDim: 16,
  grid: { height: 4, width: 4 },
  input: { channels: 4, height: 8, width: 8 },
  classes: 10,
};
const teacher: TeacherSpec = {
  name: 'ViT-test',
  blocks: 4,
  width: 48,
  heads: 4,
  headDim: 12,
  grid: { height: 4, width: 4 },
};
const specs: AlignmentSpecs = { student, teacher };
const unused = (): Scalar => {
  throw new Error('never called by a plan');
};
const attention: AlignmentLoss = { reads: 'attention', loss: unused };
const tokens: AlignmentLoss = { reads: 'tokens', loss: unused };
const layers = (pairs: LayerPair[], grids: TargetLayers['grids'] = 'refuse'): TargetLayers => ({
  grids,
  select: () => pairs,
});
const plan = (loss: AlignmentLoss, pairs: LayerPair[], other = specs) => planTerm('a', loss, layers(pairs), other);

it('compares the first heads that both models have, unless told otherwise', () => {
  expect(plan(attention, [{ student: 2, teacher: 1 }]).pairs[0]!.heads).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
  expect(plan(attention, [{ student: 2, teacher: 1, heads: [[5, 0]] }]).pairs[0]!.heads).toEqual([[5, 0]]);
});

it.each([
  [[{ student: 6, teacher: 0 }], /student block 6, but SiT-test has blocks 0 to 5/],
  [[{ student: 0, teacher: 4 }], /teacher block 4, but ViT-test has blocks 0 to 3/],
  [[{ student: -1, teacher: 9 }], /student block -1.*and teacher block 9/],
  [[{ student: 1.5, teacher: 0 }], /student block 1.5/],
  [[{ student: 0, teacher: 'final' as const }], /no attention map/],
  [
    [{ student: 0, teacher: 0, heads: [[0, 4] as const] }],
    /head pair 0 ← 4 does not exist: SiT-test has 6 heads, ViT-test 4/,
  ],
  [[{ student: 0, teacher: 0, heads: [] }], /head map is empty/],
  [[], /select no block/],
])('refuses %j', (pairs, message) => {
  expect(() => plan(attention, pairs)).toThrow(message);
  expect(() => plan(attention, pairs)).toThrow(/LAYERS_INVALID/);
});

it('refuses grids that differ with both shapes, or resamples when told to', () => {
  const finer: AlignmentSpecs = { student, teacher: { ...teacher, grid: { height: 16, width: 16 } } };
  const pairs: LayerPair[] = [{ student: 0, teacher: 'final' }];
  expect(() => plan(tokens, pairs, finer)).toThrow(/SiT-test has 4×4 tokens, ViT-test has 16×16/);
  expect(planTerm('a', tokens, layers(pairs, 'resample'), finer).resample).toBe(true);
  expect(planTerm('a', tokens, layers(pairs, 'resample'), specs).resample).toBe(false);
});

it('asks each side for each site once, in order', () => {
  const terms = [
    {
      loss: attention,
      plan: plan(attention, [
        { student: 3, teacher: 3 },
        { student: 2, teacher: 1 },
      ]),
    },
    { loss: attention, plan: plan(attention, [{ student: 2, teacher: 3 }]) },
    {
      loss: tokens,
      plan: plan(tokens, [
        { student: 4, teacher: 'final' },
        { student: 1, teacher: 2 },
      ]),
    },
  ];
  expect(tapsOf('student', terms)).toEqual({ tokens: [1, 4], attention: [2, 3] });
  expect(tapsOf('teacher', terms)).toEqual({ tokens: [2, 'final'], attention: [1, 3] });
});

describe('a loss that looks at the student alone', () => {
  const alone: AlignmentLoss = { reads: 'student', loss: unused };
  const blocksOf = (...blocks: number[]): TargetLayers => ({ ...layers([]), blocks: () => blocks });
  const planAlone = (selector: TargetLayers) => planTerm('a', alone, selector, { student, teacher: null });

  it('takes each block of the student once, and nothing of a teacher', () => {
    const planned = planAlone(blocksOf(5, 2, 5));
    expect(planned.pairs.map((pair) => [pair.student, pair.teacher])).toEqual([[5, null], [2, null]]); // prettier-ignore
    const terms = [{ loss: alone, plan: planned }];
    expect(tapsOf('student', terms)).toEqual({ tokens: [2, 5], attention: [] });
    expect(tapsOf('teacher', terms)).toEqual({ tokens: [], attention: [] });
  });

  it.each([
    [layers([{ student: 0, teacher: 0 }]), /pair its blocks with those of a teacher/],
    [blocksOf(), /select no block at all/],
    [blocksOf(0, 6), /name student block 6, but SiT-test has blocks 0 to 5/],
    [blocksOf(0.5), /name student block 0.5/],
  ])('refuses selector %#', (selector, message) => {
    expect(() => planAlone(selector)).toThrow(message);
  });

  it('is the only one that needs no teacher', () => {
    expect(() => planTerm('a', tokens, layers([{ student: 0, teacher: 0 }]), { student, teacher: null })).toThrow(
      /compares the student with a teacher, and none is named/,
    );
  });
});

describe('what guides a loss', () => {
  const guided = (guides: Taps): AlignmentLoss => ({ reads: 'tokens', loss: unused, guides: () => guides });
  const planGuided = (guides: Taps, offers?: Taps) =>
    planTerm('a', guided(guides), layers([{ student: 0, teacher: 1 }]), {
      student,
      teacher: { ...teacher, ...(offers && { offers }) },
    });

  it('is asked of the teacher besides the pairs, each site once', () => {
    const guides: Taps = { tokens: [1, 'final'], attention: [3] };
    const terms = [{ loss: guided(guides), plan: planGuided(guides) }];
    expect(tapsOf('teacher', terms)).toEqual({ tokens: [1, 'final'], attention: [3] });
    expect(tapsOf('student', terms)).toEqual({ tokens: [0], attention: [] });
  });

  it.each<[Taps, Taps | undefined, RegExp]>([
    [{ tokens: [], attention: [4] }, undefined, /guided by attention of 4, which ViT-test does not have/],
    [{ tokens: [-1], attention: [] }, undefined, /guided by tokens of -1/],
    [{ tokens: ['final'], attention: [] }, { tokens: [1], attention: [] }, /guided by tokens of final[^]*gives tokens of 1\./], // prettier-ignore
    [{ tokens: [], attention: [2] }, { tokens: [1], attention: [] }, /gives attention of none\./],
  ])('must be there: %j of %j', (guides, offers, message) => {
    expect(() => planGuided(guides, offers)).toThrow(message);
  });
});
