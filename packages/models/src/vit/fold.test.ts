// B batch, C channels, H×W pixels.
import { describeEachBackend } from '#support/backends.js';
import { randomInput } from '#support/op-check.js';
import { type HostTensor, type Tensor4D, disposeParams, paramsFromHost, rng, tf } from '@hastejs/tensor';
import { foldLayerScale } from './fold.js';
import { vitForward } from './forward.js';
import { vitParameters } from './parameters.js';
import { type VitSpec, vitSpec } from './spec.js';

const SPEC = vitSpec({
  hiddenSize: 16,
  depth: 3,
  numHeads: 2,
  patchSize: 2,
  channels: 1,
  grid: { height: 2, width: 2 },
});

const trained = (spec: VitSpec): Record<string, HostTensor> =>
  Object.fromEntries(
    Object.entries(vitParameters(spec)).map(([name, { shape }]) => {
      const data = rng(4)
        .stream(name)
        .normal(tf.util.sizeFromShape([...shape]));
      return [name, { dtype: 'F32', shape, data: data.map((value) => 0.3 * value) }];
    }),
  );

/** The upper half of every float32: bfloat16, cut off. */
const toBfloat16 = ({ shape, data }: HostTensor): HostTensor => {
  const bits = new Uint32Array((data as Float32Array).slice().buffer);
  return { dtype: 'BF16', shape, data: Uint16Array.from(bits, (value) => value >>> 16) };
};

const KINDS: [string, Partial<VitSpec>, (tensor: HostTensor) => HostTensor][] = [
  ['an MLP', {}, (tensor) => tensor],
  ['SwiGLU', { feedForward: { kind: 'swiglu', hidden: 24 } }, (tensor) => tensor],
  ['bfloat16 weights', {}, toBfloat16],
];

describeEachBackend('LayerScale folded at load', () => {
  it.each(KINDS)('leaves every token and map as it was, with %s', (_, change, stored) => {
    const spec = { ...SPEC, ...change };
    const tensors = Object.fromEntries(Object.entries(trained(spec)).map(([name, tensor]) => [name, stored(tensor)]));
    const folded = foldLayerScale(spec, tensors);
    expect(Object.keys(folded.tensors).sort()).toEqual(Object.keys(vitParameters(folded.spec)).sort());
    expect(folded.spec.layerScale).toBeNull();

    const [before, after] = [paramsFromHost(tensors), paramsFromHost(folded.tensors)];
    tf.tidy(() => {
      const x_BCHW = randomInput('x', [2, 1, 4, 4]) as Tensor4D;
      const taps = { tokens: [0, 1, 2, 'final' as const], attention: [2] };
      const expected = vitForward(spec, before, x_BCHW, taps);
      const actual = vitForward(folded.spec, after, x_BCHW, taps);
      const pairs = [
        ...taps.tokens.map((site) => [expected.tokens.get(site)!, actual.tokens.get(site)!] as const),
        [expected.attention.get(2)!.q_BHTd, actual.attention.get(2)!.q_BHTd] as const,
      ];
      for (const [a, b] of pairs) {
        const size = tf.max(tf.abs(a)).dataSync()[0]!;
        expect(tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]! / size).toBeLessThan(1e-6);
      }
    });
    disposeParams(before);
    disposeParams(after);
  });

  it('shares what it does not change, and a model without LayerScale altogether', () => {
    const tensors = trained(SPEC);
    const folded = foldLayerScale(SPEC, tensors);
    expect(folded.tensors['blocks.1.attn.qkv.weight']).toBe(tensors['blocks.1.attn.qkv.weight']);
    expect(tensors['blocks.1.attn.proj.weight']).toEqual(trained(SPEC)['blocks.1.attn.proj.weight']);
    expect(foldLayerScale(folded.spec, folded.tensors)).toEqual(folded);
  });
});
