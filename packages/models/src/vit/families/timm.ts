import { authorsFamily } from './authors-layout.js';

/**
 * timm's VisionTransformer: class token or not, registers, positions with or without them, CLIP's norm before the blocks,
 * SigLIP's attention pooling, LayerScale, packed SwiGLU; also inside OpenCLIP, as `visual.trunk.`. A bare ViT of DINO, MAE or
 * a supervised training reads as one of these. Which GELU a CLIP or SigLIP was trained with, no shape tells: exact unless a
 * hint says so.
 */
export const timm = authorsFamily({
  id: 'timm',
  summary: 'a timm ViT',
  prefixes: ['', 'visual.trunk.', 'model.', 'module.', 'state_dict.', 'state_dict.module.'],
  ignored:
    /(^|\.)(mask_token|head(_dist)?\..*)$|^(text\..*|visual\.head\..*|logit_scale|logit_bias)$|^(optimizer|scaler|args)\.|^(epoch|arch)$/,
  names: {
    register_tokens: ['reg_token', 3],
    normPre: 'norm_pre.',
    poolNorm: 'fc_norm.',
    gated: { into: ['mlp.fc1.'], out: 'mlp.fc2.' },
    pool: {
      latent: ['attn_pool.latent', 3],
      qkv: [
        { stem: 'attn_pool.q.', of: 1 },
        { stem: 'attn_pool.kv.', of: 2 },
      ],
      proj: 'attn_pool.proj.',
      norm: 'attn_pool.norm.',
      mlp: ['attn_pool.mlp.fc1.', 'attn_pool.mlp.fc2.'],
    },
  },
  usual: (shapes) => ({
    prefixes: (leading) => [...new Set([leading, 0])],
    // CLIP's models keep torch's eps.
    eps: shapes.has('norm_pre.weight') ? 1e-5 : 1e-6,
    // SigLIP's giant has heads of 96, DINOv2's of the same width 64.
    ...(shapes.has('attn_pool.latent') && { heads: { 1152: 16, 1536: 16 } }),
  }),
});

/**
 * timm's DINOv3, which anybody may download: vit_*_patch16_dinov3, whose biases of queries and values were so small that
 * timm left them out, and vit_*_patch16_dinov3_qkvb, which has them.
 */
export const timmDinov3 = authorsFamily({
  id: 'timm-dinov3',
  summary: 'a timm DINOv3',
  prefixes: ['', 'model.', 'module.', 'state_dict.'],
  marks: ['patch_embed.proj.weight', 'reg_token', 'blocks.0.gamma_1', 'blocks.0.attn.qkv.weight'],
  fits: (shapes) => !shapes.has('pos_embed'),
  ignored: /(^|\.)(mask_token|head\..*)$|^(optimizer|scaler|args)\.|^(epoch|arch)$/,
  names: {
    register_tokens: ['reg_token', 3],
    qkv: [{ stem: 'attn.qkv.', of: 3, biases: ['attn.q_bias', 'attn.k_bias', 'attn.v_bias'] }],
    scales: ['gamma_1', 'gamma_2'],
    gated: { into: ['mlp.fc1_g.', 'mlp.fc1_x.'], out: 'mlp.fc2.' },
  },
  usual: () => ({ eps: 1e-5, heads: { 4096: 32 }, classToken: true, theta: 100 }),
});
