import { separate } from './block-names.js';
import type { VitConfig, VitFamily } from './family.js';
import { type VitNames, nameMap } from './name-table.js';
import { readSpec } from './read-spec.js';

/** The names of transformers' first ViT, which MAE and I-JEPA took over. */
const NAMES: VitNames = {
  cls_token: ['embeddings.cls_token', 3],
  pos_embed: ['embeddings.position_embeddings', 3],
  patch: 'embeddings.patch_embeddings.projection.',
  block: 'encoder.layer.#.',
  norm1: 'layernorm_before.',
  qkv: separate('attention.attention.query.', 'attention.attention.key.', 'attention.attention.value.'),
  proj: 'attention.output.dense.',
  norm2: 'layernorm_after.',
  mlp: ['intermediate.dense.', 'output.dense.'],
  norm: 'layernorm.',
};

const MARKS = ['embeddings.patch_embeddings.projection.weight', 'encoder.layer.0.layernorm_before.weight'];
/** transformers' eps, a thousand-millionth of what the authors trained with; configs may say otherwise. */
const EPS = 1e-12;

const family = (
  own: Pick<VitFamily, 'id' | 'summary' | 'prefixes' | 'ignored' | 'fits'>,
  classToken: boolean,
): VitFamily => ({
  ...own,
  marks: MARKS,
  resampling: () => ({ kind: 'plain' }),
  spec: (shapes, config, hint) => readSpec(NAMES, shapes, config, hint, { eps: EPS, gelu: 'erf', classToken }),
  names: (spec, prefix) => nameMap(NAMES, spec, prefix),
});

const isMae = (config: VitConfig): boolean => config['model_type'] === 'vit_mae' || config['mask_ratio'] !== undefined;

/** transformers' ViTMAEModel and ViTMAEForPreTraining: facebook/vit-mae-*. Its decoder is not read. */
export const maeHf = family(
  {
    id: 'mae-hf',
    summary: 'MAE under Hugging Face names',
    prefixes: ['vit.', ''],
    ignored: /^(decoder\..*|.*embeddings\.mask_token|classifier\..*)$/,
    fits: (shapes, config) => isMae(config) || shapes.outside(/vit\.$/).has('decoder.mask_token'),
  },
  true,
);

/** transformers' IJepaModel: facebook/ijepa_*. It has no class token; the mean of the tokens stands for the image. */
export const ijepaHf = family(
  {
    id: 'ijepa-hf',
    summary: 'I-JEPA under Hugging Face names',
    prefixes: ['', 'ijepa.'],
    ignored: /^(.*embeddings\.mask_token|(.*\.)?pooler\..*|classifier\..*)$/,
    fits: (shapes) => !shapes.has('embeddings.cls_token'),
  },
  false,
);

/** transformers' ViTModel: facebook/dino-vit*, google/vit-*. Their pooler and classifier are not read. */
export const vitHf = family(
  {
    id: 'vit-hf',
    summary: 'a ViT (such as DINO) under Hugging Face names',
    prefixes: ['', 'vit.'],
    ignored: /^(.*embeddings\.mask_token|(.*\.)?pooler\..*|classifier\..*)$/,
    fits: (shapes) => shapes.has('embeddings.cls_token'),
  },
  true,
);
