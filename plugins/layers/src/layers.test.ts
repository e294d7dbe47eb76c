import { type AlignmentSpecs, type LayerPair, type TargetLayers, isHasteError } from '@hastejs/plugin-api';
import type { z } from 'zod';
import { pairs, published, relative } from './index.js';

const model = (name: string, blocks: number) => ({ name, blocks, width: 64, heads: 4, headDim: 16 });
const specsOf = (student: [string, number], teacher: [string, number]): AlignmentSpecs => ({
  student: {
    ...model(...student),
    grid: { height: 4, width: 4 },
    input: { channels: 4, height: 8, width: 8 },
    classes: 10,
  },
  teacher: { ...model(...teacher), grid: { height: 4, width: 4 } },
});
const SPECS = specsOf(['SiT-XL/2', 28], ['DINOv2-B', 12]);

type Selection = (readonly [student: number, teacher: number | 'final'])[];
const show = (selected: readonly LayerPair[]): Selection => selected.map(({ student, teacher }) => [student, teacher]);

/** The error's text, so that a test sees what a person sees. */
function refusal(select: () => unknown): string {
  try {
    select();
  } catch (error) {
    if (isHasteError(error, 'LAYERS_INVALID')) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('layers/pairs', () => {
  const create = (options: z.input<typeof pairs.options>) =>
    pairs.create(pairs.options.parse(options), {}) as TargetLayers;

  it('selects blocks by number, with heads for every pair', () => {
    const layers = create({ pairs: [[7, 'final'], [27, 11]], heads: [[0, 3]], grids: 'resample' }); // prettier-ignore
    expect(layers.select(SPECS)).toEqual([
      { student: 7, teacher: 'final', heads: [[0, 3]] },
      { student: 27, teacher: 11, heads: [[0, 3]] },
    ]);
    expect(layers.grids).toBe('resample');
  });

  it('leaves the head map to the default and refuses differing grids unless told otherwise', () => {
    const layers = create({ pairs: [[4, 8]] });
    expect(layers.select(SPECS)).toEqual([{ student: 4, teacher: 8 }]);
    expect(layers.grids).toBe('refuse');
  });

  it.each([
    { pairs: [] },
    { pairs: [[-1, 2]] },
    { pairs: [[0.5, 2]] },
    { pairs: [[1, 'last']] },
    { pairs: [[1, 2], [1, 2]] }, // prettier-ignore
    { pairs: [[1, 2]], heads: [] },
    { pairs: [[1, 2]], heads: [[0, 0], [0, 0]] }, // prettier-ignore
    { pairs: [[1, 2]], grids: 'crop' },
    { pairs: [[1, 2]], head: [[0, 0]] },
  ])('refuses %j', (options) => {
    expect(pairs.options.safeParse(options).success).toBe(false);
  });
});

describe('layers/relative', () => {
  const select = (options: z.input<typeof relative.options>, specs = SPECS) =>
    show((relative.create(relative.options.parse(options), {}) as TargetLayers).select(specs));

  it('finds the block after which the fraction has run', () => {
    expect(select({ pairs: [[8 / 28, 'final'], [0.5, 0.75], [1, 1]] })).toEqual([[7, 'final'], [13, 8], [27, 11]]); // prettier-ignore
  });

  it('stays within shallow models and counts pairs that fall together once', () => {
    const specs = specsOf(['small', 2], ['tiny', 1]);
    expect(select({ pairs: [[0.01, 0.01], [0.02, 0.1], [1, 1]] }, specs)).toEqual([[0, 0], [1, 0]]); // prettier-ignore
  });

  it.each([{ pairs: [[0, 1]] }, { pairs: [[1.1, 1]] }, { pairs: [[1, 0]] }, { pairs: [] }])('refuses %j', (options) => {
    expect(relative.options.safeParse(options).success).toBe(false);
  });
});

describe('layers/published', () => {
  const select = (options: z.input<typeof published.options>, specs = SPECS) =>
    show((published.create(published.options.parse(options), {}) as TargetLayers).select(specs));

  it("gives the paper's blocks by the student's name, whatever its patch", () => {
    const base = specsOf(['SiT-B/4', 12], ['DINOv2-B', 12]);
    expect(select({ reads: 'tokens' })).toEqual([[7, 'final']]);
    expect(select({ reads: 'attention' })).toEqual([[4, 8], [5, 9], [6, 10], [7, 11]]); // prettier-ignore
    expect(select({ reads: 'tokens' }, base)).toEqual([[4, 'final']]);
    expect(select({ reads: 'attention' }, base)).toEqual([[2, 7], [3, 9], [4, 11]]); // prettier-ignore
  });

  it('lets a student of the same depth borrow a setting', () => {
    expect(select({ reads: 'tokens', model: 'SiT-B' }, specsOf(['mine', 12], ['DINOv2-B', 12]))).toEqual([
      [4, 'final'],
    ]);
  });

  it('refuses models that the paper did not train, and says what it has', () => {
    const unknown = refusal(() => select({ reads: 'tokens' }, specsOf(['mine', 12], ['DINOv2-B', 12])));
    expect(unknown).toContain('no setting for mine (12 blocks)');
    expect(unknown).toContain('SiT-B, SiT-L, SiT-XL, DiT-XL, MM-DiT');
    const deep = refusal(() => select({ reads: 'attention' }, specsOf(['SiT-XL/2', 28], ['DINOv2-L', 24])));
    expect(deep).toContain('a student of 28 blocks and a teacher of 12');
  });
});
