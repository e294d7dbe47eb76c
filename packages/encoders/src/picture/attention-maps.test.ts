import { vitSpec } from '@hastejs/models';
import type { QueryKey } from '@hastejs/plugin-api';
import { type Tensor4D, rng, tf } from '@hastejs/tensor';
import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaksAsync } from '#support/leaks.js';
import { attentionMaps } from './attention-maps.js';

const spec = vitSpec({
  hiddenSize: 8,
  depth: 1,
  numHeads: 2,
  patchSize: 2,
  grid: { height: 1, width: 3 },
  registers: 1,
});
const queryKey = (N: number): QueryKey => {
  const draw = (seed: number) => tf.tensor4d(rng(seed).normal(2 * N * 4), [1, 2, N, 4]) as Tensor4D;
  return { q_BHTd: draw(1), k_BHTd: draw(2) };
};

/** The definition: one row of the map. */
function row({ q_BHTd, k_BHTd }: QueryKey, head: number, query: number): number[] {
  const [q, k] = [q_BHTd, k_BHTd].map((x) => (x.arraySync() as number[][][][])[0]![head]!) as [number[][], number[][]];
  const logits = k.map((key) => key.reduce((sum, value, i) => sum + value * q[query]![i]!, 0) / 2);
  const exp = logits.map(Math.exp);
  const total = exp.reduce((sum, value) => sum + value, 0);
  return exp.map((value) => value / total);
}

describeEachBackend('attention maps', () => {
  it('are what the class token looks at, or patches on average where there is none', async () => {
    await expectNoLeaksAsync(async () => {
      const taps = queryKey(5);
      const [second, first] = await attentionMaps(spec, taps, [1, 0]);
      expect([second!.head, first!.head]).toEqual([1, 0]);
      row(taps, 1, 0)
        .slice(2)
        .forEach((share, t) => expect(second!.share_T[t]).toBeCloseTo(share, 5));
      const plain = { ...spec, classToken: false, registers: 0, grid: { height: 1, width: 5 } };
      const [average] = await attentionMaps(plain, taps, [0]);
      const rows = [0, 1, 2, 3, 4].map((query) => row(taps, 0, query));
      rows[0]!.forEach((_, t) => {
        const mean = rows.reduce((sum, shares) => sum + shares[t]!, 0) / 5;
        expect(average!.share_T[t]).toBeCloseTo(mean, 5);
      });
      tf.dispose([taps.q_BHTd, taps.k_BHTd]);
    });
  });

  it('refuse heads that are not there', async () => {
    const taps = queryKey(5);
    await expect(attentionMaps(spec, taps, [0, 2])).rejects.toThrow(/no head 2[^]*from 0 to 1/);
    tf.dispose([taps.q_BHTd, taps.k_BHTd]);
  });
});
