import { activateBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { expectClose, randomInput } from '#support/op-check.js';
import { type Tensor, tf } from '@hastejs/tensor';

/** op(A)·op(B) in float64, for one batch. */
function reference(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): number[] {
  const [x, y] = [a.dataSync(), b.dataSync()];
  const [rowsA, columnsA] = a.shape as [number, number];
  const [rowsB, columnsB] = b.shape as [number, number];
  const [M, K, N] = [transposeA ? columnsA : rowsA, transposeA ? rowsA : columnsA, transposeB ? rowsB : columnsB];
  return Array.from({ length: M * N }, (_, at) => {
    const [m, n] = [Math.floor(at / N), at % N];
    let sum = 0;
    for (let k = 0; k < K; k++) {
      sum +=
        x[transposeA ? k * columnsA + m : m * columnsA + k]! * y[transposeB ? n * columnsB + k : k * columnsB + n]!;
    }
    return sum;
  });
}

const LAYOUTS = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

describe('matrix products on wasm', () => {
  beforeAll(() => activateBackend('wasm'));

  // Every remainder of the 6-row and 8-column tiles, a block border (K·N above 2¹⁷) and the smallest sizes.
  it.each([
    [1, 1, 1],
    [6, 8, 4],
    [7, 9, 5],
    [11, 13, 3],
    [5, 31, 17],
    [2, 7, 64],
    [33, 3, 129],
    [19, 530, 300],
  ])('%i×%i over %i, in all four layouts', (M, N, K) => {
    for (const [transposeA, transposeB] of LAYOUTS) {
      const a = randomInput('a', transposeA ? [K, M] : [M, K]);
      const b = randomInput('b', transposeB ? [N, K] : [K, N]);
      const expected = reference(a, b, transposeA, transposeB);
      expectNoLeaks(() => {
        const c = tf.matMul(a, b, transposeA, transposeB);
        expect(c.shape).toEqual([M, N]);
        expectClose(c, expected, 2e-6);
        return c;
      });
      tf.dispose([a, b]);
    }
  });

  it.each([
    [[3], [3]],
    [
      [2, 3],
      [2, 3],
    ],
    [[3], [1]],
    [[1], [3]],
    [
      [2, 3],
      [1, 1],
    ],
    [
      [2, 1],
      [1, 3],
    ],
  ])('batches %p by %p, in all four layouts', (outerA, outerB) => {
    const [M, N, K] = [5, 9, 4];
    for (const [transposeA, transposeB] of LAYOUTS) {
      tf.tidy(() => {
        const a = randomInput('a', [...outerA, ...(transposeA ? [K, M] : [M, K])]);
        const b = randomInput('b', [...outerB, ...(transposeB ? [N, K] : [K, N])]);
        const c = tf.matMul(a, b, transposeA, transposeB);
        const outer = tf.broadcast_util.assertAndGetBroadcastShape(outerA, outerB);
        expect(c.shape).toEqual([...outer, M, N]);
        const flat = (x: Tensor) =>
          tf.reshape(tf.broadcastTo(x, [...outer, ...x.shape.slice(-2)]), [-1, ...x.shape.slice(-2)]);
        const pairs = tf.unstack(flat(a)).map((one, i) => [one, tf.unstack(flat(b))[i]!] as const);
        expectClose(
          c,
          pairs.flatMap(([x, y]) => reference(x, y, transposeA, transposeB)),
          2e-6,
        );
      });
    }
  });

  it('of nothing', () => {
    tf.tidy(() => {
      expect(tf.matMul(tf.zeros([0, 3]), tf.zeros([3, 2])).shape).toEqual([0, 2]);
      expect([...tf.matMul(tf.zeros([2, 0]), tf.zeros([0, 2])).dataSync()]).toEqual([0, 0, 0, 0]);
    });
  });

  it('give the same bits for a row, however many rows come along', () => {
    tf.tidy(() => {
      const [a, b] = [randomInput('a', [23, 50]), randomInput('b', [50, 20])];
      const whole = tf.matMul(a, b).dataSync();
      for (const rows of [1, 2, 5, 6]) {
        expect(tf.matMul(tf.slice(a, [0, 0], [rows, 50]), b).dataSync()).toEqual(whole.slice(0, rows * 20));
      }
    });
  });
});
