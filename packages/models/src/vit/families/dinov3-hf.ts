import { separate } from './block-names.js';
import type { VitFamily } from './family.js';
import { type VitNames, nameMap } from './name-table.js';
import { type Usual, readSpec } from './read-spec.js';
import { unfit } from './source-shapes.js';

const NAMES: VitNames = {
  cls_token: ['embeddings.cls_token', 3],
  register_tokens: ['embeddings.register_tokens', 3],
  patch: 'embeddings.patch_embeddings.',
  block: 'layer.#.',
  norm1: 'norm1.',
  qkv: separate('attention.q_proj.', 'attention.k_proj.', 'attention.v_proj.'),
  proj: 'attention.o_proj.',
  norm2: 'norm2.',
  scales: ['layer_scale1.lambda1', 'layer_scale2.lambda1'],
  mlp: ['mlp.up_proj.', 'mlp.down_proj.'],
  gated: { into: ['mlp.gate_proj.', 'mlp.up_proj.'], out: 'mlp.down_proj.' },
  norm: 'norm.',
};

const USUAL: Usual = { eps: 1e-5, gelu: 'erf', heads: { 4096: 32 }, classToken: true, theta: 100 };

/** transformers' DINOv3ViTModel: facebook/dinov3-vit*. Only the 7B has another head size than 64. */
export const dinov3Hf: VitFamily = {
  id: 'dinov3-hf',
  summary: 'DINOv3 (ViT) under Hugging Face names',
  prefixes: ['', 'model.', 'dinov3_vit.', 'backbone.'],
  marks: ['embeddings.patch_embeddings.weight', 'layer.0.attention.q_proj.weight'],
  ignored: /(^|\.)(embeddings\.mask_token|rope_embeddings\.inv_freq|classifier\..*)$/,
  // Without a table there is nothing to resample; timm's way is Haste's own elsewhere.
  resampling: () => ({ kind: 'timm' }),
  spec: (shapes, config, hint) => {
    const spec = readSpec(NAMES, shapes, config, hint, USUAL);
    const { hidden_act: named = 'silu' } = config;
    // transformers gates with whatever the config names; the published models with SiLU.
    if (spec.feedForward.kind === 'swiglu' && named !== 'silu') {
      throw unfit(shapes.where, `its MLP is gated by '${String(named)}', not by 'silu'`);
    }
    return spec;
  },
  names: (spec, prefix) => nameMap(NAMES, spec, prefix),
};
