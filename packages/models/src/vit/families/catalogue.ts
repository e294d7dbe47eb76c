import { clip } from './clip-authors.js';
import { clipHf } from './clip-hf.js';
import { dino, dinov2, dinov3 } from './dino-authors.js';
import { dinov2Hf } from './dinov2-hf.js';
import { dinov3Hf } from './dinov3-hf.js';
import type { VitFamily } from './family.js';
import { ijepa, mae, mocov3 } from './masked-authors.js';
import { siglipHf } from './siglip-hf.js';
import { timm, timmDinov3 } from './timm.js';
import { ijepaHf, maeHf, vitHf } from './vit-hf.js';

/**
 * Every family, in the order in which a file is held against them. Names decide, then what else tells them apart; of what
 * nothing tells apart, the last one reads the same model.
 */
export const FAMILIES: readonly VitFamily[] = [
  dinov2Hf,
  dinov3Hf,
  clipHf,
  siglipHf,
  maeHf,
  ijepaHf,
  vitHf,
  clip,
  dinov3,
  timmDinov3,
  dinov2,
  mocov3,
  dino,
  mae,
  ijepa,
  timm,
];
