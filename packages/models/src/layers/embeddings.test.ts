import { describeEachBackend } from '#support/backends.js';
import { tf } from '@hastejs/tensor';
import { sinCosPositions } from './positions.js';
import { sinusoids } from './timestep.js';

describe('sin-cos positions', () => {
  it('encode the column first, then the row, each as sines then cosines', () => {
    const table = sinCosPositions(8, { height: 2, width: 3 });
    // Token 5: row 1, column 2; frequencies 1 and 1/100.
    const expected = [2, 1].flatMap((place) => [Math.sin, Math.cos].flatMap((f) => [f(place), f(place / 100)]));
    expect(table.length).toBe(6 * 8);
    expected.forEach((value, i) => expect(table[5 * 8 + i]).toBeCloseTo(value, 6));
  });
});

describeEachBackend('timestep sinusoids', () => {
  it('are cosines, then sines, with periods up to 2π·10⁴', () => {
    tf.tidy(() => {
      const values = sinusoids(tf.tensor1d([0.7]), 4).dataSync();
      const expected = [Math.cos(0.7), Math.cos(0.007), Math.sin(0.7), Math.sin(0.007)];
      expected.forEach((value, i) => expect(values[i]).toBeCloseTo(value, 6));
    });
  });

  it('end in zeros when the size is odd', () => {
    tf.tidy(() => {
      const table = sinusoids(tf.tensor1d([0.2, 0.9]), 5);
      expect(table.shape).toEqual([2, 5]);
      expect([...tf.slice(table, [0, 4], [2, 1]).dataSync()]).toEqual([0, 0]);
    });
  });
});
