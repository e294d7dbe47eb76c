import { activateBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { expectClose, randomInput } from '#support/op-check.js';
import { tf } from '@hastejs/tensor';

describe('sums on wasm', () => {
  const shape = [3, 4, 5, 6];

  it.each([[[0]], [[1]], [[2]], [[3]], [[0, 1]], [[1, 2]], [[2, 3]], [[0, 2]], [[0, 1, 2]], [[0, 1, 2, 3]]])(
    'over axes %p are those of the cpu backend',
    async (axes) => {
      await activateBackend('cpu');
      const values = [false, true].map((keepDims) => {
        return tf.tidy(() => {
          const y = tf.sum(randomInput('x', shape), axes, keepDims);
          return { shape: y.shape, data: y.dataSync() } as never;
        }) as { shape: number[]; data: Float32Array };
      });
      await activateBackend('wasm');
      for (const keepDims of [false, true]) {
        expectNoLeaks(() => {
          const x = randomInput('x', shape);
          const y = tf.sum(x, axes, keepDims);
          expect(y.shape).toEqual(values[+keepDims]!.shape);
          expectClose(y, values[+keepDims]!.data, 1e-6);
          return [x, y];
        });
      }
    },
  );

  it('count integers and booleans as integers', async () => {
    await activateBackend('wasm');
    tf.tidy(() => {
      const y = tf.sum(tf.tensor2d([1, 2, 3, 4], [2, 2], 'int32'), 0);
      expect(y.dtype).toBe('int32');
      expect([...y.dataSync()]).toEqual([4, 6]);
    });
  });
});
