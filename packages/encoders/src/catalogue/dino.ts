import { PYTORCH, type PublishedWeights, SAFETENSORS, group } from './published.js';

const dinov1 = group(
  {
    teacher: 'teacher/dino',
    family: 'vit-hf',
    files: PYTORCH,
    normalisation: 'imagenet',
    licence: 'Apache-2.0',
    citation: 'Caron et al., Emerging Properties in Self-Supervised Vision Transformers, ICCV 2021, arXiv 2104.14294',
  },
  [
    ['dino-vits16', 'DINO ViT-S/16', 'facebook/dino-vits16', 'abe3b354cb6a9b6f146096b14a4a9d7eecbcb4bd'],
    ['dino-vits8', 'DINO ViT-S/8', 'facebook/dino-vits8', 'main'],
    ['dino-vitb16', 'DINO ViT-B/16', 'facebook/dino-vitb16', 'f205d5d8e640a89a2b8ef0369670dfc37cc07fc2'],
    ['dino-vitb8', 'DINO ViT-B/8', 'facebook/dino-vitb8', 'main'],
  ],
);

const DINOV2 = {
  teacher: 'teacher/dino',
  family: 'dinov2-hf',
  files: SAFETENSORS,
  normalisation: 'imagenet',
  licence: 'Apache-2.0',
} as const;

const dinov2 = group(
  {
    ...DINOV2,
    citation: 'Oquab et al., DINOv2: Learning Robust Visual Features without Supervision, TMLR 2024, arXiv 2304.07193',
  },
  [
    ['dinov2-small', 'DINOv2 ViT-S/14', 'facebook/dinov2-small', 'ed25f3a31f01632728cabb09d1542f84ab7b0056'],
    ['dinov2-base', 'DINOv2 ViT-B/14', 'facebook/dinov2-base', 'f9e44c814b77203eaa57a6bdbbd535f21ede1415'],
    ['dinov2-large', 'DINOv2 ViT-L/14', 'facebook/dinov2-large', '47b73eefe95e8d44ec3623f8890bd894b6ea2d6c'],
    ['dinov2-giant', 'DINOv2 ViT-g/14, SwiGLU', 'facebook/dinov2-giant', '611a9d42f2335e0f921f1e313ad3c1b7178d206d'],
  ],
);

const registers = (size: string, letter: string, revision: string): [string, string, string, string] => [
  `dinov2-${size}-registers`,
  `DINOv2 ViT-${letter}/14 with 4 registers`,
  `facebook/dinov2-with-registers-${size}`,
  revision,
];

const dinov2Registers = group(
  {
    ...DINOV2,
    citation: 'Darcet et al., Vision Transformers Need Registers, ICLR 2024, arXiv 2309.16588',
  },
  [
    registers('small', 'S', '0d9846e56b43a21fa46d7f3f5070f0506a5795a9'),
    registers('base', 'B', 'a1d738ccfa7ae170945f210395d99dde8adb1805'),
    registers('large', 'L', 'e4c89a4e05589de9b3e188688a303d0f3c04d0f3'),
    registers('giant', 'g', '8d0d49f77fb8b5dd78842496ff14afe7dd4d85cb'),
  ],
);

const DINOV3 = {
  teacher: 'teacher/dino',
  family: 'dinov3-hf',
  files: SAFETENSORS,
  normalisation: 'imagenet',
  licence: 'DINOv3 License',
  terms: 'https://ai.meta.com/resources/models-and-libraries/dinov3-license',
  citation: 'Siméoni et al., DINOv3, 2025, arXiv 2508.10104',
} as const;

const pretrain = (size: string, name: string, revision: string): [string, string, string, string] => [
  `dinov3-${size}`,
  `DINOv3 ${name}`,
  `facebook/dinov3-${size}-pretrain-lvd1689m`,
  revision,
];

const dinov3 = group({ ...DINOV3, gated: true }, [
  [
    ...pretrain('vits16', 'ViT-S/16', '114c1379950215c8b35dfcd4e90a5c251dde0d32'),
    { sha256: { 'model.safetensors': '4610ad75edef83e75afdebf162d148dc628045ea6cbb83d67d4708c709c4f91d' } },
  ],
  pretrain('vits16plus', 'ViT-S+/16, SwiGLU', 'c93d816fc9e567563bc068f01475bec89cc634a6'),
  pretrain('vitb16', 'ViT-B/16', '5931719e67bbdb9737e363e781fb0c67687896bc'),
  pretrain('vitl16', 'ViT-L/16', 'ea8dc2863c51be0a264bab82070e3e8836b02d51'),
  pretrain('vith16plus', 'ViT-H+/16, SwiGLU', 'c807c9eeea853df70aec4069e6f56b28ddc82acc'),
]);

/** The same weights in timm's repositories, which ask nobody to agree first. The terms are the same. */
const dinov3Timm = group({ ...DINOV3, family: 'timm-dinov3', files: ['model.safetensors', 'config.json'] }, [
  [
    'dinov3-vitb16-timm',
    'DINOv3 ViT-B/16, as timm publishes it',
    'timm/vit_base_patch16_dinov3.lvd1689m',
    'c6a5fb7d12bbd3cf3b0079253141c3332aaed7da',
  ],
]);

export const DINO_WEIGHTS: readonly PublishedWeights[] = [
  ...dinov1,
  ...dinov2,
  ...dinov2Registers,
  ...dinov3,
  ...dinov3Timm,
];
