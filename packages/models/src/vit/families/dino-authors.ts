import { authorsFamily } from './authors-layout.js';

/**
 * facebookresearch/dino: dino_*_pretrain.pth (the backbone alone), or a full checkpoint's teacher. Its own code resamples
 * with an offset of 0.1 in the scale and no antialias.
 */
export const dino = authorsFamily({
  id: 'dino',
  summary: "DINO under its authors' names",
  prefixes: ['teacher.backbone.', 'teacher.module.backbone.', 'module.backbone.', 'backbone.', ''],
  // A bare backbone's names are timm's as well, and so is the model: it is read as timm's unless a hint says DINO.
  fits: ({ prefix }) => prefix !== '',
  ignored:
    /^(student\..*|teacher\..*head\..*|(module\.)?head\..*|optimizer\..*|dino_loss\..*|fp16_scaler\..*|args\..*|epoch)$/,
  resampling: () => ({ kind: 'dinov2', offset: 0.1, antialias: false }),
  usual: () => ({ heads: {}, classToken: true }),
});

/** facebookresearch/dinov2: dinov2_vit*_pretrain.pth, with registers or without, MLP or SwiGLU. */
export const dinov2 = authorsFamily({
  id: 'dinov2',
  summary: "DINOv2 under its authors' names",
  prefixes: ['', 'teacher.backbone.', 'backbone.'],
  fits: (shapes) =>
    shapes.has('blocks.0.ls1.gamma') &&
    shapes.has('pos_embed') &&
    // Any of what its models have and nobody else's.
    ['mask_token', 'register_tokens', 'blocks.0.mlp.w12.weight'].some((name) => shapes.has(name)),
  ignored: /(^|\.)(mask_token|head\..*|dino_head\..*|ibot_head\..*)$/,
  names: {
    register_tokens: ['register_tokens', 3],
    gated: { into: ['mlp.w12.'], out: 'mlp.w3.' },
  },
  // The released code: plain models were trained with an offset of 0.1 in the scale, those with registers with antialias.
  resampling: ({ registers }) =>
    registers > 0 ? { kind: 'dinov2', offset: 0, antialias: true } : { kind: 'dinov2', offset: 0.1, antialias: false },
  usual: () => ({ heads: {}, classToken: true }),
});

/**
 * facebookresearch/dinov3: dinov3_vit*_pretrain.pth. The keys' part of the fused bias is masked away by `bias_mask`, and
 * `rope_embed.periods` repeats what θ says.
 */
export const dinov3 = authorsFamily({
  id: 'dinov3',
  summary: "DINOv3 (ViT) under its authors' names",
  prefixes: ['', 'teacher.backbone.', 'backbone.'],
  marks: ['patch_embed.proj.weight', 'storage_tokens', 'blocks.0.attn.qkv.weight'],
  ignored:
    /(^|\.)(mask_token|rope_embed\.periods|attn\.qkv\.bias_mask|local_cls_norm\..*|head\..*|dino_head\..*|ibot_head\..*)$/,
  names: {
    register_tokens: ['storage_tokens', 3],
    gated: { into: ['mlp.w1.', 'mlp.w2.'], out: 'mlp.w3.' },
  },
  usual: () => ({ eps: 1e-5, heads: { 4096: 32 }, classToken: true, theta: 100, keyBias: false }),
});
