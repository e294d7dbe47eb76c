import { TOWER } from './clip-hf.js';
import { fused } from './block-names.js';
import type { VitFamily } from './family.js';
import { type VitNames, nameMap } from './name-table.js';
import { readSpec } from './read-spec.js';
import { section } from './reading.js';

const NAMES: VitNames = {
  ...TOWER,
  pool: {
    latent: ['head.probe', 3],
    qkv: fused('head.attention.in_proj_'),
    proj: 'head.attention.out_proj.',
    norm: 'head.layernorm.',
    mlp: ['head.mlp.fc1.', 'head.mlp.fc2.'],
  },
};

/**
 * transformers' SiglipModel and SiglipVisionModel: google/siglip-*, and the SigLIP 2 of fixed resolution. Base and large
 * have heads of 64, So400m of 72, giant of 96.
 */
export const siglipHf: VitFamily = {
  id: 'siglip-hf',
  summary: "SigLIP's vision tower under Hugging Face names",
  prefixes: ['vision_model.', ''],
  marks: ['embeddings.patch_embedding.weight', 'embeddings.position_embedding.weight', 'post_layernorm.weight'],
  fits: (shapes) => !shapes.has('embeddings.class_embedding'),
  ignored: /^(text_model\..*|logit_scale|logit_bias|.*embeddings\.position_ids|classifier\..*)$/,
  resampling: () => ({ kind: 'plain' }),
  spec: (shapes, config, hint) =>
    readSpec(NAMES, shapes, section(config, 'vision_config'), hint, {
      eps: 1e-6,
      gelu: 'tanh',
      heads: { 1152: 16, 1536: 16 },
      classToken: false,
    }),
  names: (spec, prefix) => nameMap(NAMES, spec, prefix),
};
