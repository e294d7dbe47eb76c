// B batch, N tokens, D width, F hidden width.
import { describeEachBackend } from '#support/backends.js';
import { expectClose, randomInput } from '#support/op-check.js';
import { type Params, type Tensor2D, type Tensor3D, disposeParams, gelu, layerNorm, tf } from '@hastejs/tensor';
import { within } from '../parameters.js';
import { vitBlock } from './block.js';
import { blockParameters } from './parameters.js';
import { type VitSpec, vitSpec } from './spec.js';

const [B, N, D, F] = [2, 3, 4, 6];
const SPEC = vitSpec({ hiddenSize: D, depth: 1, numHeads: 2, patchSize: 2, grid: { height: 1, width: 2 } });

/** Random parameters of a block whose attention adds nothing, so that its MLP is seen alone. */
const paramsOf = (spec: VitSpec): Params =>
  Object.fromEntries(
    Object.entries(blockParameters(spec, 0)).map(([name, { shape }]) => {
      const tensor = randomInput(name, shape);
      return [name.replace('blocks.0.', ''), name.includes('attn.proj') ? tf.mul(tensor, 0) : tensor];
    }),
  );

describeEachBackend('a ViT block', () => {
  it.each<[string, VitSpec['feedForward'], number | null]>([
    ['SwiGLU: the gate is the first half', { kind: 'swiglu', hidden: F }, null],
    ['SwiGLU with LayerScale', { kind: 'swiglu', hidden: F }, 1],
    ['an MLP with LayerScale', { kind: 'mlp', hidden: F, gelu: 'erf' }, 1],
  ])('feeds forward by %s', (_, feedForward, layerScale) => {
    const spec: VitSpec = { ...SPEC, feedForward, layerScale };
    const params = tf.tidy(() => paramsOf(spec) as never) as Params;
    tf.tidy(() => {
      const x_BND = randomInput('x', [B, N, D]) as Tensor3D;
      const at = within(params);
      const affine = (name: string, x: tf.Tensor) =>
        tf.add(tf.matMul(x as Tensor2D, at(`${name}.weight`) as Tensor2D, false, true), at(`${name}.bias`));
      const flat = tf.reshape(layerNorm(x_BND, { weight: at('norm2.weight'), bias: at('norm2.bias'), eps: 1e-6 }), [
        -1,
        D,
      ]);
      const gated = () => {
        const both = affine('mlp.w12', flat) as Tensor2D;
        const [gate, value] = [tf.slice(both, [0, 0], [-1, F]), tf.slice(both, [0, F], [-1, F])];
        return affine('mlp.w3', tf.mul(tf.mul(gate, tf.sigmoid(gate)), value));
      };
      const added = feedForward.kind === 'mlp' ? affine('mlp.fc2', gelu(affine('mlp.fc1', flat), 'erf')) : gated();
      const scaled = layerScale === null ? added : tf.mul(added, at('ls2.gamma'));
      const expected = tf.add(x_BND, tf.reshape(scaled, [B, N, D]));
      expectClose(vitBlock(at, x_BND, { spec }, false).x_BND, expected.dataSync(), 2e-6);
    });
    disposeParams(params);
  });
});
