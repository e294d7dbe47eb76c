import { type FeedForward, vitSpec } from '../spec.js';
import type { VitFamily } from './family.js';
import { type VitNames, nameMap, separate } from './name-table.js';
import { numberOf, readActivation, readGrid, readHeads } from './reading.js';

const NAMES: VitNames = {
  cls_token: ['embeddings.cls_token', 3],
  register_tokens: ['embeddings.register_tokens', 3],
  pos_embed: ['embeddings.position_embeddings', 3],
  patch: 'embeddings.patch_embeddings.projection.',
  block: 'encoder.layer.#.',
  norm1: 'norm1.',
  qkv: separate('attention.attention.query.', 'attention.attention.key.', 'attention.attention.value.'),
  proj: 'attention.output.dense.',
  norm2: 'norm2.',
  scales: ['layer_scale1.lambda1', 'layer_scale2.lambda1'],
  mlp: ['mlp.fc1.', 'mlp.fc2.'],
  gated: { into: ['mlp.weights_in.'], out: 'mlp.weights_out.' },
  norm: 'layernorm.',
};

/** transformers' Dinov2Model and Dinov2WithRegistersModel: facebook/dinov2-*, facebook/dinov2-with-registers-*. */
export const dinov2Hf: VitFamily = {
  id: 'dinov2-hf',
  summary: 'DINOv2 under Hugging Face names',
  prefixes: ['', 'dinov2.', 'dinov2_with_registers.', 'backbone.', 'model.'],
  marks: ['embeddings.patch_embeddings.projection.weight', 'encoder.layer.0.layer_scale1.lambda1'],
  ignored: /(^|\.)(embeddings\.mask_token|classifier\..*)$/,
  // transformers resizes to a size, where the released code of the plain models gives a scale with an offset of 0.1.
  resampling: ({ registers }) => (registers > 0 ? { kind: 'timm' } : { kind: 'plain' }),
  spec: (shapes, config, hint) => {
    const [D, channels, patchSize] = shapes.shape('embeddings.patch_embeddings.projection.weight', 4) as number[];
    const [, rows] = shapes.shape('embeddings.position_embeddings', 3);
    const registers = shapes.has('embeddings.register_tokens') ? shapes.shape('embeddings.register_tokens', 3)[1]! : 0;
    const feedForward: FeedForward = shapes.has('encoder.layer.0.mlp.weights_in.weight')
      ? { kind: 'swiglu', hidden: shapes.shape('encoder.layer.0.mlp.weights_out.weight', 2)[1]! }
      : {
          kind: 'mlp',
          hidden: shapes.shape('encoder.layer.0.mlp.fc1.weight', 2)[0]!,
          gelu: readActivation(config, hint, 'erf', shapes.where),
        };
    return vitSpec({
      hiddenSize: D!,
      depth: shapes.depth('encoder.layer.'),
      numHeads: readHeads(D!, shapes, config, hint),
      patchSize: patchSize!,
      channels: channels!,
      grid: readGrid(rows!, 1, patchSize!, shapes, config, hint),
      registers,
      feedForward,
      layerScale: 1,
      eps: numberOf(config, 'layer_norm_eps') ?? 1e-6,
    });
  },
  names: (spec, prefix) => nameMap(NAMES, spec, prefix),
};
