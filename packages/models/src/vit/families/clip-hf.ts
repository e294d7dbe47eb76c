import { separate } from './block-names.js';
import type { VitFamily } from './family.js';
import { type VitNames, nameMap } from './name-table.js';
import { readSpec } from './read-spec.js';
import { section } from './reading.js';

/** What CLIP and SigLIP towers share in transformers. */
export const TOWER = {
  block: 'encoder.layers.#.',
  norm1: 'layer_norm1.',
  qkv: separate('self_attn.q_proj.', 'self_attn.k_proj.', 'self_attn.v_proj.'),
  proj: 'self_attn.out_proj.',
  norm2: 'layer_norm2.',
  mlp: ['mlp.fc1.', 'mlp.fc2.'],
  norm: 'post_layernorm.',
  patch: 'embeddings.patch_embedding.',
  pos_embed: ['embeddings.position_embedding.weight', 2],
} as const satisfies VitNames;

const NAMES: VitNames = {
  ...TOWER,
  cls_token: ['embeddings.class_embedding', 1],
  normPre: 'pre_layrnorm.',
  projection: { name: 'visual_projection.weight', parent: /vision_model\.$/ },
};

/** transformers' CLIPModel and CLIPVisionModel, with and without projection: openai/clip-*, laion/CLIP-*. */
export const clipHf: VitFamily = {
  id: 'clip-hf',
  summary: "CLIP's vision tower under Hugging Face names",
  prefixes: ['vision_model.', ''],
  marks: ['embeddings.class_embedding', 'embeddings.patch_embedding.weight', 'pre_layrnorm.weight'],
  ignored: /^(text_model\..*|text_projection\.weight|logit_scale|.*embeddings\.position_ids|classifier\..*)$/,
  resampling: () => ({ kind: 'plain' }),
  spec: (shapes, config, hint) =>
    readSpec(NAMES, shapes, section(config, 'vision_config'), hint, { eps: 1e-5, gelu: 'quick', classToken: true }),
  names: (spec, prefix) => nameMap(NAMES, spec, prefix),
};
