// B batch, H heads, T → S tokens, d head size.
import { resampleTokens } from '@hastejs/models';
import { type Tensor3D, type Tensor4D, rng, tf } from '@hastejs/tensor';
import { describeEachBackend } from '#support/backends.js';
import { resampleAttention, selectHeads } from './tap-pairs.js';

const [from, to] = [
  { height: 2, width: 3 },
  { height: 4, width: 2 },
];
const draw = (seed: number) => tf.tensor4d(rng(seed).normal(2 * 3 * 6 * 5), [2, 3, 6, 5]) as Tensor4D;
const taps = () => ({ q_BHTd: draw(1), k_BHTd: draw(2) });
const logits = ({ q_BHTd, k_BHTd }: ReturnType<typeof taps>) => tf.matMul(q_BHTd, k_BHTd, false, true);

describeEachBackend('attention of another grid', () => {
  it('is the map resampled bilinearly along its keys, then along its queries', () => {
    tf.tidy(() => {
      const own = taps();
      const moved = logits(resampleAttention(own, from, to));
      const rows = tf.reshape(logits(own), [6, 6, 6]) as Tensor3D;
      const alongKeys = resampleTokens(tf.transpose(rows, [0, 2, 1]), from, to);
      const alongQueries = resampleTokens(tf.transpose(alongKeys, [0, 2, 1]), from, to);
      expect(moved.shape).toEqual([2, 3, 8, 8]);
      const difference = tf.max(tf.abs(tf.sub(tf.reshape(moved, [6, 8, 8]), alongQueries)));
      expect(difference.dataSync()[0]).toBeLessThan(1e-5);
    });
  });

  it('takes the mapped heads of a side, in order', () => {
    tf.tidy(() => {
      const own = taps();
      const picked = selectHeads(
        own,
        [
          [9, 2],
          [9, 0],
        ],
        1,
      );
      const heads = tf.unstack(own.q_BHTd, 1);
      expect(picked.q_BHTd.dataSync()).toEqual(tf.stack([heads[2]!, heads[0]!], 1).dataSync());
      expect(
        selectHeads(
          own,
          [
            [0, 9],
            [1, 9],
          ],
          0,
        ).k_BHTd.shape,
      ).toEqual([2, 2, 6, 5]);
    });
  });
});
