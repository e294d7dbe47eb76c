// B batch, C channels, H×W pixels, T tokens, D width.
import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { randomInput } from '#support/op-check.js';
import { type Tensor3D, type Tensor4D, tf } from '@hastejs/tensor';
import { resampleTokens, resizeBicubic } from './resize.js';
import { type ResizeMethod, resizeMatrix } from './resize-weights.js';

const METHODS: ResizeMethod[] = [
  { kind: 'linear' },
  { kind: 'linear', antialias: true },
  { kind: 'cubic', antialias: false },
  { kind: 'cubic', antialias: true },
  { kind: 'cubic', antialias: false, scale: 0.6 },
];

const row = (from: number, to: number, method: ResizeMethod, index: number): number[] =>
  Array.from(resizeMatrix(from, to, method).values.subarray(index * from, (index + 1) * from));

describe('resize weights', () => {
  it.each(METHODS)('keep a constant constant: %j', (method) => {
    for (const [from, to] of [
      [5, 8],
      [8, 5],
      [7, 2],
      [1, 3],
    ] as const) {
      for (let index = 0; index < to; index++) {
        expect(row(from, to, method, index).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
      }
    }
  });

  it("are torch's, at places worked out by hand", () => {
    // Doubling: pixel 2 lies at 0.75, between 0 and 1.
    expect(row(4, 8, { kind: 'linear' }, 2)).toEqual([0.25, 0.75, 0, 0]);
    // At the border, bilinear stops at the first pixel; bicubic reads it several times.
    expect(row(4, 8, { kind: 'linear' }, 0)).toEqual([1, 0, 0, 0]);
    // Halving with antialias: a triangle of four pixels, cut at the border and normalised.
    [3 / 7, 3 / 7, 1 / 7, 0].forEach((weight, i) =>
      expect(row(4, 2, { kind: 'linear', antialias: true }, 0)[i]).toBeCloseTo(weight, 12),
    );
    // a = −0.75 at distances 1.75, 0.75, 0.25, 1.25: −0.03515625, 0.26171875, 0.87890625, −0.10546875.
    expect(row(4, 8, { kind: 'cubic', antialias: false }, 2)).toEqual([
      0.26171875 - 0.03515625,
      0.87890625,
      -0.10546875,
      0,
    ]);
    // Halving with antialias, a = −0.5: distances in halves of 0.25, 0.75, …, cut at the border and normalised.
    const halved = row(4, 2, { kind: 'cubic', antialias: true }, 0);
    const kernel = [0.8671875, 0.8671875, 0.2265625, -0.0703125];
    const total = kernel.reduce((sum, weight) => sum + weight);
    kernel.forEach((weight, i) => expect(halved[i]).toBeCloseTo(weight / total, 12));
  });
});

describeEachBackend('resizing', () => {
  it('resizes height and width, each channel of each image for itself', () => {
    const x_BCHW = randomInput('x', [2, 3, 4, 5]) as Tensor4D;
    const y = resizeBicubic(x_BCHW, 6, 3);
    expect(y.shape).toEqual([2, 3, 6, 3]);
    const down = resizeMatrix(4, 6, { kind: 'cubic', antialias: false });
    const across = resizeMatrix(5, 3, { kind: 'cubic', antialias: false });
    const [values, image] = [y.dataSync(), x_BCHW.dataSync().subarray(4 * 20, 5 * 20)];
    for (let h = 0; h < 6; h++)
      for (let w = 0; w < 3; w++) {
        let sum = 0;
        for (let i = 0; i < 20; i++) {
          sum += down.values[h * 4 + Math.floor(i / 5)]! * across.values[w * 5 + (i % 5)]! * image[i]!;
        }
        expect(values[4 * 18 + h * 3 + w]).toBeCloseTo(sum, 5);
      }
    tf.dispose([x_BCHW, y]);
  });

  it('moves tokens as TensorFlow.js moves the pixels of an image', () => {
    tf.tidy(() => {
      const x_BTD = randomInput('x', [2, 12, 5]) as Tensor3D;
      const y = resampleTokens(x_BTD, { height: 3, width: 4 }, { height: 5, width: 2 });
      const pixels = tf.reshape(x_BTD, [2, 3, 4, 5]) as Tensor4D;
      const expected = tf.reshape(tf.image.resizeBilinear(pixels, [5, 2], false, true), [2, 10, 5]);
      expect(tf.max(tf.abs(tf.sub(y, expected))).dataSync()[0]).toBeLessThan(1e-5);
    });
  });

  it('keeps what is already in place, and leaks nothing', () => {
    const [image, tokens] = [randomInput('x', [1, 1, 2, 3]) as Tensor4D, randomInput('t', [1, 6, 2]) as Tensor3D];
    const grid = { height: 2, width: 3 };
    const same = resampleTokens(tokens, grid, grid);
    expect(same.dataSync()).toEqual(tokens.dataSync());
    same.dispose();
    expectNoLeaks(() => [resizeBicubic(image, 2, 3), resizeBicubic(image, 5, 5)]);
    expectNoLeaks(() => [resampleTokens(tokens, grid, grid), resampleTokens(tokens, grid, { height: 4, width: 4 })]);
    tf.dispose([image, tokens]);
  });

  it('refuses tokens of another grid', () => {
    const prefixed = tf.zeros([1, 7, 2]) as Tensor3D;
    expect(() => resampleTokens(prefixed, { height: 2, width: 3 }, { height: 1, width: 1 })).toThrow(
      'A grid of 2×3 has 6 tokens, but the tensor is [1, 7, 2].',
    );
  });
});
