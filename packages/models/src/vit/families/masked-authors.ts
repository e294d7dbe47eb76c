import { authorsFamily } from './authors-layout.js';

/**
 * facebookresearch/mae: mae_pretrain_vit_*.pth under 'model', with its decoder (the visualize files) or without. Its
 * positions are fixed sines and cosines that the file holds; its code resizes them to a size, without antialias. The encoder
 * alone has timm's names, and is read as timm's unless a hint says MAE.
 */
export const mae = authorsFamily({
  id: 'mae',
  summary: "MAE under its authors' names",
  prefixes: ['model.', ''],
  fits: (shapes) => shapes.has('decoder_embed.weight') || shapes.has('decoder_pos_embed'),
  ignored: /^(model\.)?(mask_token|decoder_.*|head\..*)$|^(optimizer|scaler|args)\.|^epoch$/,
  resampling: () => ({ kind: 'plain' }),
  usual: () => ({ classToken: true }),
});

/**
 * facebookresearch/ijepa: IN*-vit.*.pth.tar. The target encoder is the one to keep; there is no class token. Behind no prefix,
 * the same tensors are read as timm's unless a hint says I-JEPA.
 */
export const ijepa = authorsFamily({
  id: 'ijepa',
  summary: "I-JEPA under its authors' names",
  prefixes: ['target_encoder.module.', 'target_encoder.', 'encoder.module.', 'module.', ''],
  fits: (shapes) => shapes.prefix !== '' && !shapes.has('cls_token'),
  ignored: /^(encoder|predictor|opt|scaler)\.|^(epoch|loss|batch_size|world_size|lr)$/,
  usual: () => ({ classToken: false }),
});

/**
 * facebookresearch/moco-v3: vit-*.pth.tar under 'state_dict'. The base encoder is what it evaluates. Its ViT-S has twelve
 * heads of 32, unlike everybody else's.
 */
export const mocov3 = authorsFamily({
  id: 'mocov3',
  summary: "MoCo v3 under its authors' names",
  prefixes: ['state_dict.module.base_encoder.', 'module.base_encoder.', 'base_encoder.'],
  ignored: /(^|\.)(base_encoder\.head\..*|momentum_encoder\..*|predictor\..*)$|^optimizer\.|^(epoch|arch)$/,
  usual: () => ({ classToken: true, heads: { 384: 12 } }),
});
