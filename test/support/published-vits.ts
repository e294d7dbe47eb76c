// D width. Every family as it is published.
import type { VitSpec } from '@hastejs/models';
import { type PublishedFiles, clipFiles, dinov2Files, dinov3Files, siglipFiles } from './published-files.js';
import { HF_DINOV2, HF_VIT, TIMM, TIMM_DINOV3 } from './published-names.js';
import { D, clip, dinov2, dinov3, ijepa, mlp, plain, siglip } from './published-specs.js';

/** One model, and every file that it is published as. */
export interface PublishedModel {
  readonly spec: VitSpec;
  readonly files: PublishedFiles;
}

const EPS = { layer_norm_eps: 1e-6 };
const DECODER = { 'decoder_embed.weight': [8, D], decoder_pos_embed: [1, 17, 8], mask_token: [1, 1, 8] };

/** Models by their family; each of their files must read as the same model. */
export const PUBLISHED: Readonly<Record<string, PublishedModel>> = {
  DINOv2: { spec: dinov2, files: dinov2Files(HF_DINOV2) },
  'DINOv2 with registers': { spec: { ...dinov2, registers: 4 }, files: dinov2Files(HF_DINOV2) },
  'DINOv2 with SwiGLU': {
    spec: { ...dinov2, feedForward: { kind: 'swiglu', hidden: 40 } },
    files: dinov2Files(HF_DINOV2),
  },
  DINOv3: { spec: dinov3, files: dinov3Files },
  'DINOv3 with SwiGLU': { spec: { ...dinov3, feedForward: { kind: 'swiglu', hidden: 40 } }, files: dinov3Files },
  "timm's DINOv3 without biases": {
    spec: { ...dinov3, qkvBias: { query: false, key: false, value: false } },
    files: { timm: { family: 'timm-dinov3', file: { stems: TIMM_DINOV3 } } },
  },
  CLIP: { spec: clip, files: clipFiles },
  SigLIP: { spec: siglip, files: siglipFiles },
  MAE: {
    spec: plain,
    files: {
      'Hugging Face': {
        family: 'mae-hf',
        file: {
          stems: HF_VIT,
          prefix: 'vit.',
          extras: { 'decoder.mask_token': [1, 1, 8], 'decoder.decoder_embed.weight': [8, D] },
        },
        config: EPS,
      },
      'with its decoder': { family: 'mae', file: { stems: {}, extras: DECODER } },
      'the encoder, as a hint says': { family: 'mae', file: { stems: {}, prefix: 'model.' }, hint: { family: 'mae' } },
    },
  },
  'I-JEPA': {
    spec: ijepa,
    files: {
      'Hugging Face': { family: 'ijepa-hf', file: { stems: HF_VIT }, config: EPS },
      'the checkpoint': {
        family: 'ijepa',
        file: {
          stems: {},
          prefix: 'target_encoder.module.',
          extras: { 'encoder.module.pos_embed': [1, 16, D], 'predictor.module.mask_token': [1, 1, 8], epoch: [] },
        },
      },
      timm: { family: 'timm', file: { stems: {} } },
    },
  },
  'DINO, and any ViT': {
    spec: plain,
    files: {
      'Hugging Face': {
        family: 'vit-hf',
        file: { stems: HF_VIT, extras: { 'pooler.dense.weight': [D, D] } },
        config: EPS,
      },
      'a whole checkpoint': {
        family: 'dino',
        file: {
          stems: {},
          prefix: 'teacher.backbone.',
          extras: { 'student.module.backbone.cls_token': [1, 1, D], 'teacher.head.mlp.0.weight': [8, D], epoch: [] },
        },
      },
      'the backbone, as a hint says': { family: 'dino', file: { stems: {} }, hint: { family: 'dino' } },
      timm: { family: 'timm', file: { stems: {}, extras: { 'head.weight': [9, D], 'head.bias': [9] } } },
      'wrapped for several GPUs': { family: 'timm', file: { stems: {}, prefix: 'module.' } },
    },
  },
  'MoCo v3, whose small model has heads of 32': {
    spec: { ...plain, hiddenSize: 384, depth: 1, numHeads: 12 },
    files: {
      'the checkpoint': {
        family: 'mocov3',
        file: {
          stems: {},
          prefix: 'state_dict.module.base_encoder.',
          extras: {
            'state_dict.module.base_encoder.head.0.weight': [8, 384],
            'state_dict.module.momentum_encoder.cls_token': [1, 1, 384],
            'state_dict.module.predictor.0.weight': [8, 8],
            'optimizer.state.0.step': [],
          },
        },
      },
    },
  },
  'a timm ViT with positions of patches alone': {
    spec: { ...dinov2, registers: 4, positions: { kind: 'table', prefix: 0 } },
    files: { timm: { family: 'timm', file: { stems: TIMM } } },
  },
  'a timm ViT with positions of registers, packed SwiGLU and a norm after the mean': {
    spec: {
      ...plain,
      registers: 2,
      positions: { kind: 'table', prefix: 3 },
      feedForward: { kind: 'swiglu', hidden: 40 },
      finalNorm: false,
      poolNorm: true,
      pooling: { kind: 'mean' },
    },
    files: { timm: { family: 'timm', file: { stems: TIMM } } },
  },
  "timm's CLIP": {
    spec: { ...clip, projection: null, feedForward: mlp('erf') },
    files: { timm: { family: 'timm', file: { stems: TIMM } } },
  },
};
