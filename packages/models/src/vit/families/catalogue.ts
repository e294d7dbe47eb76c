import { dinov2Hf } from './dinov2-hf.js';
import type { VitFamily } from './family.js';

/** Every family, in the order in which a file is held against them. */
export const families = (): readonly VitFamily[] => [dinov2Hf];
