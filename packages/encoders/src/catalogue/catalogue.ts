import { CLIP_WEIGHTS } from './clip.js';
import { DINO_WEIGHTS } from './dino.js';
import type { PublishedWeights } from './published.js';
import { VIT_WEIGHTS } from './vit.js';

/** Published encoders by short ids: what `haste teachers list` shows, `pull` fetches and the option `weights` accepts. */
export const CATALOGUE: readonly PublishedWeights[] = Object.freeze([...DINO_WEIGHTS, ...CLIP_WEIGHTS, ...VIT_WEIGHTS]);

export function findPublished(id: string): PublishedWeights | undefined {
  return CATALOGUE.find((entry) => entry.id === id);
}

const FACTORIES = { 'teacher/dino': 'dino', 'teacher/clip': 'clip', 'teacher/vit': 'vit' } as const;

/** How a recipe names it: `dino({ weights: 'dinov2-base' })`. */
export const recipeLine = ({ id, teacher }: PublishedWeights): string => `${FACTORIES[teacher]}({ weights: '${id}' })`;
