import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AlignmentSpecs, isHasteError } from '@hastejs/plugin-api';
import { templateExport } from './layers.js';

const model = (name: string, blocks: number) => {
  const [grid, input] = [
    { height: 2, width: 2 },
    { channels: 1, height: 8, width: 8 },
  ];
  return { name, blocks, width: 16, heads: 2, headDim: 8, grid, input, classes: 3 };
};
const specs = (student: number, teacher: number): AlignmentSpecs => ({
  student: model('a student', student),
  teacher: model('a teacher', teacher),
});
const select = async (given: object, models: AlignmentSpecs) =>
  (await templateExport.create(templateExport.options.parse(given), {})).select(models);

describe('evenly spread pairs', () => {
  it('lie at the same relative depth of both models', async () => {
    const pairs = await select({}, specs(12, 24));
    assert.deepEqual(
      pairs.map(({ student, teacher }) => [student, teacher]),
      [
        [3, 6],
        [6, 12],
        [8, 17],
      ],
    );
  });

  it('reach the first and the last block', async () => {
    const pairs = await select({ count: 2, from: 0, to: 1 }, specs(4, 6));
    assert.deepEqual(pairs, [
      { student: 0, teacher: 0 },
      { student: 3, teacher: 5 },
    ]);
  });

  it('refuse more pairs than blocks, with the number that fits', async () => {
    await assert.rejects(select({ count: 5 }, specs(4, 12)), (error) => {
      return isHasteError(error, 'LAYERS_INVALID') && /fall on 2 of the 4 blocks/.test(error.message);
    });
  });

  it('are the same blocks for losses without a teacher', async () => {
    const layers = await templateExport.create(templateExport.options.parse({}), {});
    assert.deepEqual(layers.blocks?.(specs(12, 24).student), [3, 6, 8]);
  });

  it('refuse a range that runs backwards', () => {
    assert.equal(templateExport.options.safeParse({ from: 0.8, to: 0.2 }).success, false);
  });
});
