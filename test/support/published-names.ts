// Names of published weight files, by the model's own ('#' is the block): written down from the files, not from the maps that read
// them. Names that are the model's own are left out.

export const HF_VIT = {
  cls_token: 'embeddings.cls_token',
  pos_embed: 'embeddings.position_embeddings',
  'patch_embed.proj': 'embeddings.patch_embeddings.projection',
  'blocks.#.norm1': 'encoder.layer.#.layernorm_before',
  'blocks.#.attn.qkv': ['query', 'key', 'value'].map((part) => `encoder.layer.#.attention.attention.${part}`),
  'blocks.#.attn.proj': 'encoder.layer.#.attention.output.dense',
  'blocks.#.norm2': 'encoder.layer.#.layernorm_after',
  'blocks.#.mlp.fc1': 'encoder.layer.#.intermediate.dense',
  'blocks.#.mlp.fc2': 'encoder.layer.#.output.dense',
  norm: 'layernorm',
};

export const HF_DINOV2 = {
  ...HF_VIT,
  register_tokens: 'embeddings.register_tokens',
  'blocks.#.norm1': 'encoder.layer.#.norm1',
  'blocks.#.ls1.gamma': 'encoder.layer.#.layer_scale1.lambda1',
  'blocks.#.norm2': 'encoder.layer.#.norm2',
  'blocks.#.mlp.fc1': 'encoder.layer.#.mlp.fc1',
  'blocks.#.mlp.fc2': 'encoder.layer.#.mlp.fc2',
  'blocks.#.mlp.w12': 'encoder.layer.#.mlp.weights_in',
  'blocks.#.mlp.w3': 'encoder.layer.#.mlp.weights_out',
  'blocks.#.ls2.gamma': 'encoder.layer.#.layer_scale2.lambda1',
};

export const HF_DINOV3 = {
  cls_token: 'embeddings.cls_token',
  register_tokens: 'embeddings.register_tokens',
  'patch_embed.proj': 'embeddings.patch_embeddings',
  'blocks.#.norm1': 'layer.#.norm1',
  'blocks.#.attn.qkv': ['q', 'k', 'v'].map((part) => `layer.#.attention.${part}_proj`),
  'blocks.#.attn.proj': 'layer.#.attention.o_proj',
  'blocks.#.ls1.gamma': 'layer.#.layer_scale1.lambda1',
  'blocks.#.norm2': 'layer.#.norm2',
  'blocks.#.mlp.fc1': 'layer.#.mlp.up_proj',
  'blocks.#.mlp.fc2': 'layer.#.mlp.down_proj',
  'blocks.#.mlp.w12': ['layer.#.mlp.gate_proj', 'layer.#.mlp.up_proj'],
  'blocks.#.mlp.w3': 'layer.#.mlp.down_proj',
  'blocks.#.ls2.gamma': 'layer.#.layer_scale2.lambda1',
};

export const HF_TOWER = {
  pos_embed: 'embeddings.position_embedding.weight',
  'patch_embed.proj': 'embeddings.patch_embedding',
  norm_pre: 'pre_layrnorm',
  'blocks.#.norm1': 'encoder.layers.#.layer_norm1',
  'blocks.#.attn.qkv': ['q', 'k', 'v'].map((part) => `encoder.layers.#.self_attn.${part}_proj`),
  'blocks.#.attn.proj': 'encoder.layers.#.self_attn.out_proj',
  'blocks.#.norm2': 'encoder.layers.#.layer_norm2',
  'blocks.#.mlp.fc1': 'encoder.layers.#.mlp.fc1',
  'blocks.#.mlp.fc2': 'encoder.layers.#.mlp.fc2',
  norm: 'post_layernorm',
};

export const HF_CLIP = { ...HF_TOWER, cls_token: 'embeddings.class_embedding' };

export const HF_SIGLIP = {
  ...HF_TOWER,
  'attn_pool.latent': 'head.probe',
  'attn_pool.qkv': 'head.attention.in_proj_',
  'attn_pool.proj': 'head.attention.out_proj',
  'attn_pool.norm': 'head.layernorm',
  'attn_pool.mlp.fc1': 'head.mlp.fc1',
  'attn_pool.mlp.fc2': 'head.mlp.fc2',
};

export const CLIP = {
  cls_token: 'class_embedding',
  pos_embed: 'positional_embedding',
  'patch_embed.proj': 'conv1',
  norm_pre: 'ln_pre',
  'blocks.#.norm1': 'transformer.resblocks.#.ln_1',
  'blocks.#.attn.qkv': 'transformer.resblocks.#.attn.in_proj_',
  'blocks.#.attn.proj': 'transformer.resblocks.#.attn.out_proj',
  'blocks.#.norm2': 'transformer.resblocks.#.ln_2',
  'blocks.#.mlp.fc1': 'transformer.resblocks.#.mlp.c_fc',
  'blocks.#.mlp.fc2': 'transformer.resblocks.#.mlp.c_proj',
  norm: 'ln_post',
  'projection.weight': 'proj',
};

export const TIMM_DINOV3 = {
  register_tokens: 'reg_token',
  'blocks.#.attn.qkv.bias': ['blocks.#.attn.q_bias', 'blocks.#.attn.k_bias', 'blocks.#.attn.v_bias'],
  'blocks.#.ls1.gamma': 'blocks.#.gamma_1',
  'blocks.#.mlp.w12': ['blocks.#.mlp.fc1_g', 'blocks.#.mlp.fc1_x'],
  'blocks.#.mlp.w3': 'blocks.#.mlp.fc2',
  'blocks.#.ls2.gamma': 'blocks.#.gamma_2',
};

export const TIMM = {
  register_tokens: 'reg_token',
  'blocks.#.mlp.w12': 'blocks.#.mlp.fc1',
  'blocks.#.mlp.w3': 'blocks.#.mlp.fc2',
  'attn_pool.qkv': ['attn_pool.q', 'attn_pool.kv', 'attn_pool.kv'],
};
