import { inceptionScore, softmaxRows } from './inception-score.js';
import { manifoldOf, precisionRecall } from './manifold.js';

const line = (...places: number[]) => manifoldOf({ rows_ND: places, width: 1 }, 1);

describe('precision and recall', () => {
  it('tell samples that are good and alike from samples that are everywhere', () => {
    const real = line(0, 1, 2, 10, 11, 12);
    expect(precisionRecall(real, line(0.4, 0.6, 0.5))).toMatchObject({ precision: 1, recall: 0 });
    expect(precisionRecall(real, line(0.1, 11.1, 50, 61))).toMatchObject({ precision: 0.5, recall: 1 });
  });

  it('count what is on the edge, and say how near the nearest decision was', () => {
    const { precision, margin } = precisionRecall(line(0, 2), line(4, 4.2));
    expect(precision).toBe(0.5);
    expect(margin).toBe(0);
  });

  it('refuse too few images and other features', () => {
    expect(() => manifoldOf({ rows_ND: [1, 2, 3], width: 1 })).toThrow('3 images have no 3-th neighbour');
    expect(() => precisionRecall(line(1, 2), manifoldOf({ rows_ND: [1, 2, 3, 4], width: 2 }, 1))).toThrow('of width 2');
  });
});

describe('inception score', () => {
  it('is the number of classes for sure and balanced images, 1 where all look alike', () => {
    const sure = softmaxRows([99, 0, 0, 0, 99, 0, 0, 0, 99], 3);
    expect(inceptionScore(sure, 3)).toBeCloseTo(3, 10);
    expect(inceptionScore(softmaxRows([1, 2, 3, 1, 2, 3], 3), 3)).toBeCloseTo(1, 10);
    // Split into single images, each is its own mean.
    expect(inceptionScore(sure, 3, 1)).toBeCloseTo(1, 10);
  });

  it('takes logits of any size', () => {
    expect([...softmaxRows([1e4, 1e4, -1e4], 3)]).toEqual([0.5, 0.5, 0]);
  });
});
