import { nextOfClass } from './replace.js';

/** Classes of sizes 2, 3 and 1. */
const files = [0, 0, 1, 1, 1, 2].map((label, index) => ({ path: String(index), size: 1, label }));
const next = (index: number, ...damaged: number[]) => nextOfClass(files, index, new Map(damaged.map((i) => [i, ''])));

describe('nextOfClass', () => {
  it('takes the next whole image of the same class, around the end', () => {
    expect(next(0, 0)).toBe(1);
    expect(next(1, 1)).toBe(0);
    expect(next(4, 4)).toBe(2);
    expect(next(3, 3, 4)).toBe(2);
  });

  it('has none for a class that is damaged throughout', () => {
    expect(next(5, 5)).toBeNull();
    expect(next(3, 2, 3, 4)).toBeNull();
  });
});
