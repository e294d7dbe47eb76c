// D width. How the files of families with names of their own look, written down from the files.
import type { VitConfig, VitFamilyId, VitHint } from '@hastejs/models';
import { type Publication, squeezed, transposed } from './publish-vit.js';
import { CLIP, HF_CLIP, HF_DINOV3, HF_SIGLIP, TIMM, TIMM_DINOV3 } from './published-names.js';
import { D } from './published-specs.js';

export interface PublishedVit {
  readonly family: VitFamilyId;
  readonly file: Publication;
  readonly config?: VitConfig;
  readonly hint?: VitHint;
}

/** Files by what they are. */
export type PublishedFiles = Readonly<Record<string, PublishedVit>>;

export const dinov2Files = (stems: Publication['stems']): PublishedFiles => ({
  'Hugging Face': { family: 'dinov2-hf', file: { stems, extras: { 'embeddings.mask_token': [1, D] } } },
  'Hugging Face, with a classifier': {
    family: 'dinov2-hf',
    file: { stems, prefix: 'dinov2.', extras: { 'dinov2.embeddings.mask_token': [1, D], 'classifier.weight': [9, D] } },
  },
  'the released .pth': { family: 'dinov2', file: { stems: {}, extras: { mask_token: [1, D] } } },
  'a training checkpoint': {
    family: 'dinov2',
    file: {
      stems: {},
      prefix: 'teacher.backbone.',
      extras: { 'teacher.backbone.mask_token': [1, D], 'teacher.dino_head.mlp.0.weight': [4, D] },
    },
  },
});

export const dinov3Files: PublishedFiles = {
  'Hugging Face': {
    family: 'dinov3-hf',
    file: { stems: HF_DINOV3, absent: /k_proj\.bias$/, extras: { 'embeddings.mask_token': [1, 1, D] } },
  },
  'timm, with biases': { family: 'timm-dinov3', file: { stems: TIMM_DINOV3, absent: /k_bias$/ } },
  'the released .pth': {
    family: 'dinov3',
    file: {
      stems: { register_tokens: 'storage_tokens', 'blocks.#.mlp.w12': ['blocks.#.mlp.w1', 'blocks.#.mlp.w2'] },
      extras: {
        mask_token: [1, D],
        'rope_embed.periods': [16],
        'blocks.0.attn.qkv.bias_mask': [3 * D],
        'blocks.1.attn.qkv.bias_mask': [3 * D],
      },
      // What the released layer masks away may be anything.
      rewrite: Object.fromEntries(
        [0, 1].map((block) => [
          `blocks.${block}.attn.qkv.bias`,
          (bias) => ({ ...bias, data: (bias.data as Float32Array).slice().fill(NaN, D, 2 * D) }),
        ]),
      ),
    },
  },
};

const TOWER_FORMS = { 'embeddings.class_embedding': squeezed(1), 'embeddings.position_embedding.weight': squeezed(2) };
const CLIP_FORMS = { class_embedding: squeezed(1), positional_embedding: squeezed(2), proj: transposed };
const TEXT = { 'token_embedding.weight': [9, 8], 'transformer.resblocks.0.ln_1.weight': [8], logit_scale: [] };
const OPENAI = { ...TEXT, input_resolution: [], context_length: [], vocab_size: [] };

export const clipFiles: PublishedFiles = {
  'Hugging Face, both towers': {
    family: 'clip-hf',
    file: {
      stems: { ...HF_CLIP, 'projection.weight': '/visual_projection.weight' },
      prefix: 'vision_model.',
      rewrite: TOWER_FORMS,
      extras: {
        'text_model.final_layer_norm.weight': [8],
        logit_scale: [],
        'vision_model.embeddings.position_ids': [1, 17],
      },
    },
  },
  "OpenAI's archive": { family: 'clip', file: { stems: CLIP, rewrite: CLIP_FORMS, prefix: 'visual.', extras: OPENAI } },
  'OpenCLIP, whose config says quick': {
    family: 'clip',
    file: { stems: CLIP, rewrite: CLIP_FORMS, prefix: 'visual.', extras: TEXT },
    config: { model_cfg: { quick_gelu: true, vision_cfg: { head_width: 64 } } },
  },
  'an OpenCLIP checkpoint': {
    family: 'clip',
    file: { stems: CLIP, rewrite: CLIP_FORMS, prefix: 'state_dict.module.visual.', extras: { epoch: [] } },
    hint: { gelu: 'quick' },
  },
};

export const siglipFiles: PublishedFiles = {
  'Hugging Face, both towers': {
    family: 'siglip-hf',
    file: {
      stems: HF_SIGLIP,
      prefix: 'vision_model.',
      rewrite: TOWER_FORMS,
      extras: { logit_bias: [1], logit_scale: [1] },
    },
  },
  timm: { family: 'timm', file: { stems: TIMM }, hint: { gelu: 'tanh' } },
  OpenCLIP: {
    family: 'timm',
    file: { stems: TIMM, prefix: 'visual.trunk.', extras: { 'text.ln_final.weight': [8], logit_bias: [] } },
    hint: { gelu: 'tanh' },
  },
};
