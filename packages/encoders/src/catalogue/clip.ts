import { PYTORCH, type PublishedWeights, SAFETENSORS, group } from './published.js';

const openAi = group(
  {
    teacher: 'teacher/clip',
    family: 'clip-hf',
    files: PYTORCH,
    normalisation: 'clip',
    licence: 'MIT',
    terms: 'The licence of github.com/openai/CLIP; its model card advises against deployment untested.',
    citation:
      'Radford et al., Learning Transferable Visual Models From Natural Language Supervision, ICML 2021, arXiv 2103.00020',
  },
  [
    ['clip-vit-b-32', 'CLIP ViT-B/32', 'openai/clip-vit-base-patch32', '3d74acf9a28c67741b2f4f2ea7635f0aaf6f0268'],
    ['clip-vit-b-16', 'CLIP ViT-B/16', 'openai/clip-vit-base-patch16', '57c216476eefef5ab752ec549e440a49ae4ae5f3'],
    [
      'clip-vit-l-14',
      'CLIP ViT-L/14',
      'openai/clip-vit-large-patch14',
      '32bd64288804d66eefd0ccbe215aa642df71cc41',
      { files: SAFETENSORS },
    ],
  ],
);

const openClip = group(
  {
    teacher: 'teacher/clip',
    family: 'clip',
    files: ['open_clip_model.safetensors', 'open_clip_config.json'],
    normalisation: 'clip',
    licence: 'MIT',
    citation:
      'Cherti et al., Reproducible scaling laws for contrastive language-image learning, CVPR 2023, arXiv 2212.07143',
  },
  [
    [
      'openclip-b-32',
      'OpenCLIP ViT-B/32, LAION-2B',
      'laion/CLIP-ViT-B-32-laion2B-s34B-b79K',
      '1a25a446712ba5ee05982a381eed697ef9b435cf',
    ],
    [
      'openclip-h-14',
      'OpenCLIP ViT-H/14, LAION-2B',
      'laion/CLIP-ViT-H-14-laion2B-s32B-b79K',
      '1c2b8495b28150b8a4922ee1c8edee224c284c0c',
    ],
  ],
);

const SIGLIP = {
  teacher: 'teacher/clip',
  family: 'siglip-hf',
  files: SAFETENSORS,
  normalisation: 'half',
  licence: 'Apache-2.0',
} as const;

const siglip = group(
  {
    ...SIGLIP,
    citation: 'Zhai et al., Sigmoid Loss for Language Image Pre-Training, ICCV 2023, arXiv 2303.15343',
  },
  [
    [
      'siglip-base',
      'SigLIP ViT-B/16, 224 pixels',
      'google/siglip-base-patch16-224',
      '7fd15f0689c79d79e38b1c2e2e2370a7bf2761ed',
    ],
    [
      'siglip-so400m',
      'SigLIP So400m/14, 384 pixels',
      'google/siglip-so400m-patch14-384',
      '9fdffc58afc957d1a03a25b10dba0329ab15c2a3',
    ],
  ],
);

const siglip2 = group(
  {
    ...SIGLIP,
    citation: 'Tschannen et al., SigLIP 2: Multilingual Vision-Language Encoders, 2025, arXiv 2502.14786',
  },
  [
    [
      'siglip2-base',
      'SigLIP 2 ViT-B/16, 224 pixels',
      'google/siglip2-base-patch16-224',
      '75de2d55ec2d0b4efc50b3e9ad70dba96a7b2fa2',
    ],
    [
      'siglip2-large',
      'SigLIP 2 ViT-L/16, 256 pixels',
      'google/siglip2-large-patch16-256',
      '787800c8990e6f058423089178e718139608408c',
    ],
    [
      'siglip2-so400m',
      'SigLIP 2 So400m/14, 384 pixels',
      'google/siglip2-so400m-patch14-384',
      'e8e487298228002f3d8a82e0cd5c8ea9c567f57f',
    ],
  ],
);

export const CLIP_WEIGHTS: readonly PublishedWeights[] = [...openAi, ...openClip, ...siglip, ...siglip2];
