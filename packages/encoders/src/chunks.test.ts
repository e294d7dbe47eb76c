import type { TapValues } from '@hastejs/plugin-api';
import { type Tensor3D, type Tensor4D, tf } from '@hastejs/tensor';
import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { inChunks, tensorsOf } from './chunks.js';

describeEachBackend('chunks', () => {
  const images = () => tf.reshape(tf.range(0, 5 * 12), [5, 3, 2, 2]) as Tensor4D;
  /** Tells which images it was given, and how many at a time. */
  const encoder =
    (sizes: number[]) =>
    (part_BCHW: Tensor4D): TapValues => {
      const B = part_BCHW.shape[0];
      sizes.push(B);
      const q_BHTd = tf.reshape(part_BCHW, [B, 1, 4, 3]) as Tensor4D;
      return {
        tokens: new Map([['final' as const, tf.reshape(part_BCHW, [B, 4, 3]) as Tensor3D]]),
        attention: new Map([[7, { q_BHTd, k_BHTd: tf.neg(q_BHTd) as Tensor4D }]]),
      };
    };

  it('runs no more images at a time than told, and joins them in order', () => {
    tf.tidy(() => {
      const [sizes, wholes]: [number[], number[]] = [[], []];
      const joined = inChunks(images(), 2, encoder(sizes));
      const whole = inChunks(images(), 5, encoder(wholes));
      expect(sizes).toEqual([2, 2, 1]);
      expect(wholes).toEqual([5]);
      const values = (taps: TapValues) => tensorsOf(taps).map((tensor) => [tensor.shape, [...tensor.dataSync()]]);
      expect(values(joined)).toEqual(values(whole));
      expect([...joined.tokens.keys(), ...joined.attention.keys()]).toEqual(['final', 7]);
    });
  });

  it('frees what it cuts', () => {
    const x_BCHW = images();
    expectNoLeaks(() => tensorsOf(inChunks(x_BCHW, 2, encoder([]))));
    x_BCHW.dispose();
  });
});
