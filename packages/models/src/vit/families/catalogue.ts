import { clipHf } from './clip-hf.js';
import { dinov2Hf } from './dinov2-hf.js';
import { dinov3Hf } from './dinov3-hf.js';
import type { VitFamily } from './family.js';
import { siglipHf } from './siglip-hf.js';
import { ijepaHf, maeHf, vitHf } from './vit-hf.js';

/** Every family, in the order in which a file is held against them: those with marks of their own first. */
export const FAMILIES: readonly VitFamily[] = [dinov2Hf, dinov3Hf, clipHf, siglipHf, maeHf, ijepaHf, vitHf];
