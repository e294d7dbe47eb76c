import { separate } from './block-names.js';
import type { VitFamily } from './family.js';
import { type VitNames, nameMap } from './name-table.js';
import { readSpec } from './read-spec.js';

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
  prefixes: ['', 'dinov2.', 'dinov2_with_registers.', 'backbone.'],
  marks: ['embeddings.patch_embeddings.projection.weight', 'encoder.layer.0.layer_scale1.lambda1'],
  ignored: /(^|\.)(embeddings\.mask_token|classifier\..*)$/,
  // transformers resizes to a size, where the released code of the plain models gives a scale with an offset of 0.1.
  resampling: ({ registers }) => (registers > 0 ? { kind: 'timm' } : { kind: 'plain' }),
  spec: (shapes, config, hint) =>
    readSpec(NAMES, shapes, config, hint, { eps: 1e-6, gelu: 'erf', heads: {}, classToken: true }),
  names: (spec, prefix) => nameMap(NAMES, spec, prefix),
};
