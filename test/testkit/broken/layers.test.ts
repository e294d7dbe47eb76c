import { type AlignmentSpecs, type LayerPair, type TargetLayers, defineTargetLayers } from '@hastejs/plugin-api';
import { targetLayersContract } from '@hastejs/testkit';
import { z } from 'zod';
import { type BrokenTable, expectCaught } from './expect-caught.js';

const broken = (
  name: string,
  select: (specs: AlignmentSpecs) => readonly LayerPair[],
  more: Partial<TargetLayers> = {},
) =>
  targetLayersContract(
    defineTargetLayers({
      id: `broken/${name}`,
      summary: 'Broken on purpose.',
      options: z.strictObject({}),
      create: () => ({ grids: 'resample', select, ...more }),
    }),
  );
let calls = 0;
const last = (): LayerPair[] => [{ student: 0, teacher: 'final' }];

const TABLE: BrokenTable<'targetLayers'> = {
  'chooses blocks and heads that the models have': [
    [broken('from-one', ({ student }) => [{ student: student.blocks, teacher: 'final' }]), 'For a student of 12 and a teacher of 12 blocks it chose {"student":12,"teacher":"final"}.'], // prettier-ignore
    [broken('heads', () => [{ student: 0, teacher: 0, heads: [[0, 6]] }]), 'For a student of 12 and a teacher of 12 blocks it chose {"student":0,"teacher":0,"heads":[[0,6]]}.'], // prettier-ignore
    [broken('nothing', () => []), 'It chose nothing for a student of 12 and a teacher of 12 blocks.'],
  ],
  'chooses blocks of the student alone that it has': [
    [broken('from-one', last, { blocks: ({ blocks }) => [blocks] }), 'Of 12 blocks of the student it chose [12].'],
    [broken('twice', last, { blocks: () => [3, 3] }), 'Of 12 blocks of the student it chose [3,3].'],
    [broken('none', last, { blocks: () => [] }), 'Of 12 blocks of the student it chose [].'],
  ],
  'chooses for every depth, or says why it cannot': [
    [broken('halves', ({ student }) => [{ student: student.blocks / 2, teacher: 'final' }]), 'For a student of 3 and a teacher of 3 blocks it chose {"student":1.5,"teacher":"final"}.'], // prettier-ignore
    [
      broken('bare', ({ student }) => {
        if (student.blocks < 4) throw new Error('too shallow');
        return [{ student: 3, teacher: 'final' }];
      }),
      'For a student of 3 and a teacher of 3 blocks it threw a bare Error: too shallow.',
    ],
    [
      broken('writing', ({ student }) => {
        (student as { blocks: number }).blocks -= 1;
        return [{ student: 0, teacher: 'final' }];
      }),
      /^It writes into the specs: Cannot assign to read only property 'blocks'/,
    ],
  ],
  'chooses each pair once': [
    [broken('twice', () => [{ student: 0, teacher: 0 }, { student: 0, teacher: 0 }]), 'For a student of 12 and a teacher of 12 blocks it chose block 0 with 0 twice.'], // prettier-ignore
  ],
  'is a function of the models alone': [
    [broken('wandering', () => [{ student: calls++ % 3, teacher: 'final' }]), /^For a student of 12 and a teacher of 12 blocks it chose \[\{"student":\d,"teacher":"final"\}\], then \[/], // prettier-ignore
  ],
  'gives plain data': [
    [broken('undefined', () => [{ student: 0, teacher: 0, heads: undefined } as never]), 'Its pairs [{"student":0,"teacher":0}] are not what JSON makes of them.'], // prettier-ignore
  ],
};

describe('a broken choice of target layers is caught', () => expectCaught(TABLE));
