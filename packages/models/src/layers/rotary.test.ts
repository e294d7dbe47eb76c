// B batch, H heads, N = P + T tokens, d head size.
import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { expectOp, randomInput } from '#support/op-check.js';
import { type Tensor, type Tensor4D, tf } from '@hastejs/tensor';
import { rotate, rotation } from './rotary.js';

const rotated = (x: Tensor, grid: { height: number; width: number }, prefix: number, theta = 100): Tensor4D =>
  tf.tidy(() => rotate(x as Tensor4D, rotation(x.shape[3]!, grid, prefix, theta)));

describeEachBackend('rotary positions', () => {
  it('turn channel i with channel i + d/2, by the row in the first quarter and by the column in the second', () => {
    // Centres of two halves are ±½: π in the first frequency, π / √θ in the second.
    const angle = Math.PI / 10;
    const x = tf.tile(tf.tensor4d([1, 1, 1, 1, 0, 0, 0, 0], [1, 1, 1, 8]), [1, 1, 4, 1]);
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const y = rotated(x, { height: 2, width: 2 }, 0);
    const tokens = [-1, 1].flatMap((row) => [-1, 1].map((column) => [-1, c, -1, c, 0, s * row, 0, s * column]));
    const error = tf.max(tf.abs(tf.sub(y, tf.reshape(tokens.flat(), y.shape)))).dataSync()[0]!;
    expect(error).toBeLessThan(1e-6);
    tf.dispose([x, y]);
  });

  it('leave class and register tokens, and the centre of the image, where they are', () => {
    const x = randomInput('x', [2, 3, 3 + 9, 8]);
    const y = rotated(x, { height: 3, width: 3 }, 3);
    const moved = tf.max(tf.abs(tf.sub(x, y)), [0, 1, 3]).dataSync();
    expect(Array.from(moved, (by) => by > 1e-3)).toEqual(Array.from({ length: 12 }, (_, n) => n >= 3 && n !== 7));
    tf.dispose([x, y]);
  });

  it('make logits that depend on the distance alone, along each axis', () => {
    const [height, width] = [3, 4];
    const same = (name: string) => tf.tile(randomInput(name, [1, 1, 1, 8]), [1, 1, height * width, 1]);
    const logits = tf.tidy(() => {
      const [q, k] = ['q', 'k'].map((name) => rotated(same(name), { height, width }, 0));
      return tf.matMul(q!, k!, false, true).dataSync();
    });
    const byDistance = new Map<string, number[]>();
    for (const [i, logit] of logits.entries()) {
      const [a, b] = [Math.floor(i / (height * width)), i % (height * width)];
      const distance = `${Math.floor(a / width) - Math.floor(b / width)}, ${(a % width) - (b % width)}`;
      byDistance.set(distance, [...(byDistance.get(distance) ?? []), logit]);
    }
    expect(byDistance.size).toBe((2 * height - 1) * (2 * width - 1));
    for (const values of byDistance.values()) expect(Math.max(...values) - Math.min(...values)).toBeLessThan(2e-5);
    expect(byDistance.get('1, 0')![0]).not.toBeCloseTo(byDistance.get('-1, 0')![0]!, 3);
  });

  it('pass gradients, and leak nothing', () => {
    const grid = { height: 1, width: 2 };
    const x = randomInput('x', [1, 2, 3, 4]);
    expectOp({
      inputs: { x },
      op: (given) => rotated(given['x']!, grid, 1),
      reference: ({ x: values }) =>
        Array.from(values!, (value, i) => {
          const [n, c] = [Math.floor(i / 4) % 3, i % 4];
          // One row is in the middle; the two columns' centres are ∓½, so that their channels turn by ∓π.
          return n === 0 || c % 2 === 0 ? value : -value;
        }),
    });
    expectNoLeaks(() => rotated(x, grid, 1));
    x.dispose();
  });
});
