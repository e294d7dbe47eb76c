// B texts, T tokens, D width.
import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { expectClose, randomInput } from '#support/op-check.js';
import type { Taps } from '@hastejs/plugin-api';
import { type Params, type Tensor2D, type Tensor3D, disposeParams, omitParams, tf } from '@hastejs/tensor';
import { textForward, textPool } from './forward.js';
import { textParameters } from './parameters.js';
import type { TextSpec } from './spec.js';

const SPEC: TextSpec = {
  hiddenSize: 8,
  depth: 3,
  numHeads: 2,
  vocabulary: 11,
  length: 6,
  hidden: 12,
  gelu: 'quick',
  eps: 1e-5,
  end: 9,
  projection: null,
};
const FINAL: Taps = { tokens: ['final'], attention: [] };

const ids = (...rows: number[][]) => tf.tensor2d(rows, [rows.length, rows[0]!.length], 'int32');
const paramsOf = (spec: TextSpec): Params =>
  Object.fromEntries(
    Object.entries(textParameters(spec)).map(([name, { shape }]) => [name, randomInput(name, shape, 0.4)]),
  );

describeEachBackend("CLIP's text transformer", () => {
  let params: Params;
  beforeAll(() => void (params = paramsOf(SPEC)));
  afterAll(() => disposeParams(params));

  const final = (ids_BT: Tensor2D, mask_BT?: Tensor2D): Tensor3D =>
    textForward(SPEC, params, { ids_BT, ...(mask_BT && { mask_BT }) }, FINAL).tokens.get('final')!;

  it('lets a token see what comes before it, and nothing after', () => {
    tf.tidy(() => {
      const [a, b] = [final(ids([1, 2, 3, 4, 5])), final(ids([1, 2, 7, 4, 5]))];
      const moved = tf.max(tf.abs(tf.sub(a, b)), [0, 2]).dataSync();
      expect(Array.from(moved, (by) => by > 1e-3)).toEqual([false, false, true, true, true]);
      const short = final(ids([1, 2]));
      expectClose(tf.slice(a, [0, 0, 0], [1, 2, -1]), short.dataSync(), 1e-5);
    });
  });

  it('lets no token see padding', () => {
    tf.tidy(() => {
      const mask_BT = ids([1, 0, 1, 1]);
      const [a, b] = [final(ids([1, 2, 3, 4]), mask_BT), final(ids([1, 8, 3, 4]), mask_BT)];
      const moved = tf.max(tf.abs(tf.sub(a, b)), [0, 2]).dataSync();
      expect(Array.from(moved, (by) => by > 1e-6)).toEqual([false, true, false, false]);
      expect(tf.max(tf.abs(tf.sub(a, final(ids([1, 2, 3, 4]))))).dataSync()[0]).toBeGreaterThan(1e-3);
    });
  });

  it('runs no further than the last tap: the rest is not even looked up', () => {
    const unused = Object.keys(params).filter((name) => /^(blocks\.2|norm)\./.test(name));
    tf.tidy(() => {
      const some = textForward(
        SPEC,
        omitParams(params, unused),
        { ids_BT: ids([1, 2, 3]) },
        { tokens: [1], attention: [0] },
      );
      expect([...some.tokens.keys(), ...some.attention.keys()]).toEqual([1, 0]);
      expect(some.attention.get(0)!.q_BHTd.shape).toEqual([1, 2, 3, 4]);
    });
    expectNoLeaks(() => {
      const ids_BT = ids([1, 2, 3]);
      const { tokens, attention } = textForward(SPEC, params, { ids_BT }, { tokens: [0, 'final'], attention: [1] });
      ids_BT.dispose();
      return [...tokens.values(), ...[...attention.values()].map((qk) => ({ ...qk }))];
    });
  });

  it.each<[string, TextSpec['end'], number[]]>([
    ['the first end-of-text token, or the first of all', 9, [1, 3, 0]],
    ['the first of the highest id', 'highest', [2, 3, 1]],
  ])('stands for a text by %s', (_, end, places) => {
    tf.tidy(() => {
      const ids_BT = ids([1, 9, 10, 9], [0, 8, 3, 9], [1, 5, 5, 2]);
      const tokens_BTD = randomInput('tokens', [3, 4, 8]) as Tensor3D;
      const expected = places.flatMap((at, text) => [...tf.slice(tokens_BTD, [text, at, 0], [1, 1, 8]).dataSync()]);
      expectClose(textPool({ ...SPEC, end }, tokens_BTD, ids_BT), expected, 0);
    });
  });

  it('refuses texts that are too long and blocks that it does not have', () => {
    const long = ids([1, 2, 3, 4, 5, 6, 7]);
    expect(() => textForward(SPEC, {}, { ids_BT: long }, FINAL)).toThrow('at most 6 tokens, but the texts have 7');
    const taps = { tokens: [], attention: [3] };
    expect(() => textForward(SPEC, {}, { ids_BT: long }, taps)).toThrow('no block 3');
    long.dispose();
  });
});
