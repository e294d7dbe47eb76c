// B batch, C channels, N tokens, T patch tokens, D width, H heads, d head size.
import { describeEachBackend } from '#support/backends.js';
import { expectGradients } from '#support/finite-difference.js';
import { expectNoLeaks } from '#support/leaks.js';
import { randomInput } from '#support/op-check.js';
import type { Taps } from '@hastejs/plugin-api';
import {
  type Params,
  type Scalar,
  type Tensor4D,
  disposeParams,
  omitParams,
  pickParams,
  rng,
  tf,
} from '@hastejs/tensor';
import { initParameters } from '../parameters.js';
import { patchTaps, vitClassToken, vitForward } from './forward.js';
import { vitParameters } from './parameters.js';
import { type VitSpec, swigluHidden, vitSpec } from './spec.js';

const SPEC = vitSpec({
  hiddenSize: 12,
  depth: 3,
  numHeads: 2,
  patchSize: 2,
  channels: 1,
  grid: { height: 2, width: 3 },
  registers: 2,
  layerScale: 0.5,
});
const [N, P] = [9, 3];

const images = () => randomInput('x', [2, 1, 4, 6]) as Tensor4D;
const fresh = (spec: VitSpec): Params => initParameters(vitParameters(spec), rng(3));
/** Weights so large that every one of them matters. */
const trained = (spec: VitSpec): Params =>
  Object.fromEntries(
    Object.entries(vitParameters(spec)).map(([name, { shape }]) => [name, randomInput(name, shape, 0.4)]),
  );
const names = (params: Params, pattern: RegExp): string[] => Object.keys(params).filter((name) => pattern.test(name));

describeEachBackend('ViT', () => {
  it('gives tokens with their prefix, or the patches alone', () => {
    const params = fresh(SPEC);
    const taps = vitForward(SPEC, params, images(), { tokens: [0, 'final'], attention: [1] });
    const patches = patchTaps(SPEC, taps);
    expect(taps.tokens.get('final')!.shape).toEqual([2, N, 12]);
    expect(taps.attention.get(1)!.q_BHTd.shape).toEqual([2, 2, N, 6]);
    expect(patches.tokens.get(0)!.shape).toEqual([2, N - P, 12]);
    expect(patches.attention.get(1)!.k_BHTd.shape).toEqual([2, 2, N - P, 6]);
    const last = (x: { dataSync(): ArrayLike<number> }) => Array.from(x.dataSync()).slice(-12);
    expect(last(patches.tokens.get(0)!)).toEqual(last(taps.tokens.get(0)!));
    disposeParams(params);
  });

  it.each<[string, Taps, RegExp]>([
    ['tokens of block 0', { tokens: [0], attention: [] }, /^(blocks\.[12]|norm)\./],
    ['attention of block 1', { tokens: [], attention: [1] }, /^(blocks\.2|norm|blocks\.1\.(attn\.proj|mlp|norm2|ls))/],
    ['attention of block 1, tokens of block 0', { tokens: [0], attention: [1] }, /^blocks\.(2|1\.(mlp|attn\.proj))/],
    ['tokens of block 1, attention of block 0', { tokens: [1], attention: [0] }, /^(blocks\.2|norm)\./],
  ])('runs no further than %s: the rest is not even looked up', (_, taps, unused) => {
    const params = fresh(SPEC);
    const without = omitParams(params, names(params, unused));
    expect(Object.keys(without).length).toBeLessThan(Object.keys(params).length);
    const whole = vitForward(SPEC, params, images(), { tokens: [0, 1, 2, 'final'], attention: [0, 1, 2] });
    const some = vitForward(SPEC, without, images(), taps);
    expect([[...some.tokens.keys()], [...some.attention.keys()]]).toEqual([taps.tokens, taps.attention]);
    for (const [site, x] of some.tokens) expect(x.dataSync()).toEqual(whole.tokens.get(site)!.dataSync());
    for (const [block, { q_BHTd }] of some.attention) {
      const error = tf.max(tf.abs(tf.sub(q_BHTd, whole.attention.get(block)!.q_BHTd)));
      expect(error.dataSync()[0]).toBeLessThan(1e-6);
    }
    disposeParams(params);
  });

  it.each<[string, Partial<VitSpec>]>([
    ['the DINOv2 layout', {}],
    ['no registers and no LayerScale', { registers: 0, layerScale: null }],
    ['SwiGLU', { feedForward: { kind: 'swiglu', hidden: swigluHidden(12) } }],
  ])('trains: gradients of the class token with %s', (_, change) => {
    const spec = { ...SPEC, depth: 2, ...change };
    const params = trained(spec);
    const some = names(
      params,
      /cls_token|pos_embed|register|blocks\.1\.(attn\.qkv\.weight|ls1|mlp.*weight)|^norm\.bias/,
    );
    const x_BCHW = images();
    const target = randomInput('target', [2, 12]);
    const loss = (given: Params): Scalar =>
      tf.mean(tf.squaredDifference(vitClassToken(spec, { ...params, ...given }, x_BCHW), target));
    expectGradients(loss, pickParams(params, some), { step: 3e-3, tolerance: 5e-3 });
    disposeParams(params);
  });

  it('leaks nothing', () => {
    const [params, x_BCHW] = [fresh(SPEC), images()];
    expectNoLeaks(() => {
      const { tokens, attention } = vitForward(SPEC, params, x_BCHW, { tokens: [1, 'final'], attention: [0, 2] });
      return [...tokens.values(), ...[...attention.values()].map((qk) => ({ ...qk }))];
    });
    expectNoLeaks(() => {
      const { attention } = vitForward(SPEC, params, x_BCHW, { tokens: [], attention: [1, 2] });
      return [...attention.values()].map((qk) => ({ ...qk }));
    });
    expectNoLeaks(() => vitClassToken(SPEC, params, x_BCHW));
    disposeParams(params);
  });

  it('refuses images of another grid and blocks that it does not have', () => {
    const wide = tf.zeros([1, 1, 4, 4]) as Tensor4D;
    expect(() => vitForward(SPEC, {}, wide, { tokens: [0], attention: [] })).toThrow('[1, 1, 4, 6]');
    expect(() => vitForward(SPEC, {}, images(), { tokens: [0], attention: [3] })).toThrow('no block 3');
    expect(() => vitForward(SPEC, {}, images(), { tokens: [-1], attention: [] })).toThrow("0 to 2, or 'final'");
  });
});
