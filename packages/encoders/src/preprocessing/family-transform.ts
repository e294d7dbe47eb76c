import type { VitFamilyId } from '@hastejs/models';
import { type ChannelNormalisation, NORMALISATIONS } from './normalisation.js';

/** How a family turns an image into what its encoder sees, when it evaluates itself. */
export interface FamilyTransform {
  /** Pillow's, with antialias. */
  readonly filter: 'bicubic' | 'bilinear';
  /** The short side becomes `resize` and the middle is cut out, or both sides do, whatever the proportions. */
  readonly fit: 'shortest' | 'stretch';
  readonly resize: number;
  /** Side of the square that is kept, at most `resize`: the encoder's image size. */
  readonly crop: number;
  /** Null: the family's files were trained with several, and one must be told. */
  readonly normalisation: ChannelNormalisation | null;
}

const transform = (
  filter: FamilyTransform['filter'],
  fit: FamilyTransform['fit'],
  resize: number,
  crop: number,
  normalisation: keyof typeof NORMALISATIONS | null,
): FamilyTransform => ({ filter, fit, resize, crop, normalisation: normalisation && NORMALISATIONS[normalisation] });

/** The evaluation of ImageNet: a short side of 256, of which the middle 224 are kept. */
const IMAGENET_EVALUATION = transform('bicubic', 'shortest', 256, 224, 'imagenet');
const CLIP = transform('bicubic', 'shortest', 224, 224, 'clip');

/**
 * What each family's own evaluation code does, or the image processor that its authors published. A file's own
 * preprocessor_config.json or timm's pretrained_cfg is asked first (see weights/settings.ts): sizes differ within a family.
 */
export const FAMILY_TRANSFORMS: Readonly<Record<VitFamilyId, FamilyTransform>> = {
  dino: IMAGENET_EVALUATION,
  dinov2: IMAGENET_EVALUATION,
  'dinov2-hf': IMAGENET_EVALUATION,
  dinov3: transform('bilinear', 'stretch', 256, 256, 'imagenet'),
  'dinov3-hf': transform('bilinear', 'stretch', 224, 224, 'imagenet'),
  'timm-dinov3': transform('bicubic', 'shortest', 256, 256, 'imagenet'),
  clip: CLIP,
  'clip-hf': CLIP,
  'siglip-hf': transform('bicubic', 'stretch', 224, 224, 'half'),
  mae: IMAGENET_EVALUATION,
  'mae-hf': IMAGENET_EVALUATION,
  ijepa: transform('bilinear', 'shortest', 256, 224, 'imagenet'),
  'ijepa-hf': transform('bilinear', 'stretch', 224, 224, 'imagenet'),
  mocov3: transform('bilinear', 'shortest', 256, 224, 'imagenet'),
  'vit-hf': transform('bilinear', 'stretch', 224, 224, null),
  timm: transform('bicubic', 'shortest', 248, 224, null),
};
