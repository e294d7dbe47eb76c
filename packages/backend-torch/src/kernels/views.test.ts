import { activateBackend, whereItRuns } from '#support/backends.js';
import { type Tensor, tf } from '@hastejs/tensor';
import { started } from '../start.js';

const valuesOf = (x: Tensor): number[] => Array.from(x.dataSync());
const handleOf = (x: Tensor): number => started()!.handle(x);

/** Views of [[0, 1, 2], [3, 4, 5]], and what they show. */
const VIEWS: Record<string, { view(x: Tensor): Tensor; shape: number[]; values: number[] }> = {
  reshape: { view: (x) => tf.reshape(x, [3, 2]), shape: [3, 2], values: [0, 1, 2, 3, 4, 5] },
  transpose: { view: (x) => tf.transpose(x), shape: [3, 2], values: [0, 3, 1, 4, 2, 5] },
  slice: { view: (x) => tf.slice(x, [1, 1], [1, 2]), shape: [1, 2], values: [4, 5] },
  'slice of all': { view: (x) => tf.slice(x, [0, 0], [2, 3]), shape: [2, 3], values: [0, 1, 2, 3, 4, 5] },
  expandDims: { view: (x) => tf.expandDims(x, 1), shape: [2, 1, 3], values: [0, 1, 2, 3, 4, 5] },
  clone: { view: (x) => tf.clone(x), shape: [2, 3], values: [0, 1, 2, 3, 4, 5] },
  broadcastTo: {
    view: (x) => tf.broadcastTo(tf.reshape(x, [2, 1, 3]), [2, 2, 3]),
    shape: [2, 2, 3],
    values: [0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5],
  },
  'transpose of a slice, reshaped': {
    view: (x) => tf.reshape(tf.transpose(tf.slice(x, [0, 1], [2, 2])), [4]),
    shape: [4],
    values: [1, 4, 2, 5],
  },
  'strided slice, backwards': {
    view: (x) => tf.stridedSlice(x, [1, 2], [0, 0], [-1, -2], 0, 3),
    shape: [2, 2],
    values: [5, 3, 2, 0],
  },
};

describe('views (torch)', () => {
  whereItRuns('torch', () => {
    beforeAll(() => activateBackend('torch'));
    const base = (): Tensor => tf.tensor2d([0, 1, 2, 3, 4, 5], [2, 3]);

    it.each(Object.entries(VIEWS))('%s outlives its base', (_, { view, shape, values }) => {
      const before = started()!.addon.alive();
      const x = base();
      const seen = tf.tidy(() => view(x));
      x.dispose();
      // What was freed would be used again by now.
      const other = tf.fill([2, 3], 9);
      expect(seen.shape).toEqual(shape);
      expect(valuesOf(seen)).toEqual(values);
      tf.dispose([seen, other]);
      expect(started()!.addon.alive()).toBe(before);
    });

    it('parts share memory: none of them may be written in place', () => {
      tf.tidy(() => {
        const { addon } = started()!;
        const x = base();
        expect(addon.exclusive(handleOf(x))).toBe(true);
        const parts = [...tf.split(x, 3, 1), ...tf.unstack(x)];
        for (const part of [x, ...parts]) expect(addon.exclusive(handleOf(part))).toBe(false);
        expect(parts.map(valuesOf)).toEqual([
          [0, 3],
          [1, 4],
          [2, 5],
          [0, 1, 2],
          [3, 4, 5],
        ]);
      });
    });

    it('a broadcast may not be written in place, even alone', () => {
      tf.tidy(() => {
        const wide = tf.tidy(() => tf.broadcastTo(tf.tensor2d([1, 2], [2, 1]), [2, 3]));
        expect(started()!.addon.exclusive(handleOf(wide))).toBe(false);
        expect(started()!.addon.exclusive(handleOf(tf.add(wide, 1)))).toBe(true);
      });
    });

    it('operators read views as they lie', () => {
      tf.tidy(() => {
        const x = base();
        const y = tf.transpose(x);
        expect(valuesOf(tf.matMul(x as never, y as never))).toEqual([5, 14, 14, 50]);
        expect(valuesOf(tf.add(y, tf.slice(x, [0, 0], [1, 2])))).toEqual([0, 4, 1, 5, 2, 6]);
        expect(valuesOf(tf.concat([y, y], 1))).toEqual([0, 3, 0, 3, 1, 4, 1, 4, 2, 5, 2, 5]);
        expect(valuesOf(tf.sum(y, 0))).toEqual([3, 12]);
      });
    });
  });
});
