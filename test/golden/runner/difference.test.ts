import { describeDifference } from './difference.js';

const EXPECTED = [1, 2, 3, 4, 5, 6];
const compare = (actual: number[], exclude: [number, number] | null = null): string | null =>
  describeDifference(actual, EXPECTED, [3, 2], 0.1, exclude);

describe('the comparison of golden values', () => {
  it('passes within the tolerance and names the worst place beyond it', () => {
    expect(compare([1.05, 2, 3, 4, 5, 5.95])).toBeNull();
    expect(compare([1.2, 2, 3, 4, 5.5, 6])).toBe('off by 5.00e-1 at 4 (5.5 instead of 5), allowed 0.1');
  });

  it('fails on NaN, wherever it is', () => {
    expect(compare([1, 2, 3, NaN, 5, 9])).toContain('off by Infinity at 3');
  });

  it('skips excluded rows and nothing else', () => {
    expect(compare([1, 2, 9, 9, 5, 6], [1, 2])).toBeNull();
    expect(compare([1, 2, 9, 9, 9, 6], [1, 2])).toContain('at 4');
  });

  it('fails on another shape', () => {
    expect(compare([1, 2])).toBe('2 numbers instead of 6');
  });
});
