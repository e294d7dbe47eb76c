import { PYTORCH, type PublishedWeights, SAFETENSORS, group } from './published.js';

const mae = group(
  {
    teacher: 'teacher/vit',
    family: 'mae-hf',
    files: PYTORCH,
    normalisation: 'imagenet',
    licence: 'Apache-2.0',
    terms: 'So says its card on the hub; the authors’ repository, facebookresearch/mae, is under CC BY-NC 4.0.',
    citation: 'He et al., Masked Autoencoders Are Scalable Vision Learners, CVPR 2022, arXiv 2111.06377',
  },
  [
    ['mae-base', 'MAE ViT-B/16', 'facebook/vit-mae-base', '25b184bea5538bf5c4c852c79d221195fdd2778d'],
    ['mae-large', 'MAE ViT-L/16', 'facebook/vit-mae-large', '142cb8c25e1b1bc1769997a919aa1b5a2345a6b8'],
    ['mae-huge', 'MAE ViT-H/14', 'facebook/vit-mae-huge', 'main'],
  ],
);

const ijepa = group(
  {
    teacher: 'teacher/vit',
    family: 'ijepa-hf',
    files: SAFETENSORS,
    normalisation: 'imagenet',
    licence: 'CC-BY-NC-4.0',
    citation:
      'Assran et al., Self-Supervised Learning from Images with a Joint-Embedding Predictive Architecture, CVPR 2023, arXiv 2301.08243',
  },
  [
    [
      'ijepa-huge',
      'I-JEPA ViT-H/14, ImageNet-1k',
      'facebook/ijepa_vith14_1k',
      'f157467ea509bc356ff9f61fd3c0d840eec5e04e',
    ],
  ],
);

/** The authors publish only on a server of their own; these repositories hold the same weights under timm's names. */
const mocov3 = group(
  {
    teacher: 'teacher/vit',
    family: 'timm',
    files: ['model.safetensors', 'config.json'],
    normalisation: 'imagenet',
    licence: 'CC-BY-NC-4.0',
    citation:
      'Chen et al., An Empirical Study of Training Self-Supervised Vision Transformers, ICCV 2021, arXiv 2104.02057',
  },
  [
    ['mocov3-base', 'MoCo v3 ViT-B/16', 'nyu-visionx/moco-v3-vit-b', '7d091cd70772c5c0ecf7f00b5f12ca609a99d69d'],
    ['mocov3-large', 'MoCo v3 ViT-L/16', 'nyu-visionx/moco-v3-vit-l', '7bf75358d616f39b9716148bf4e3425f3bd35b47'],
  ],
);

const timm = group(
  {
    teacher: 'teacher/vit',
    family: 'timm',
    files: ['model.safetensors', 'config.json'],
    normalisation: 'half',
    licence: 'Apache-2.0',
    citation:
      'Steiner et al., How to train your ViT? Data, Augmentation, and Regularization in Vision Transformers, TMLR 2022, arXiv 2106.10270',
  },
  [
    [
      'timm-vit-base',
      'ViT-B/16, ImageNet-21k, then ImageNet-1k with labels',
      'timm/vit_base_patch16_224.augreg2_in21k_ft_in1k',
      '063c6c38a5d8510b2e57df480445e94b231dad2c',
    ],
  ],
);

export const VIT_WEIGHTS: readonly PublishedWeights[] = [...mae, ...ijepa, ...mocov3, ...timm];
