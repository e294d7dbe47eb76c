/**
 * Where the paper (arXiv 2505.16792) ends alignment, in steps of batch 256: `fixed({ step: PUBLISHED_STOPS['SiT-XL/2'] })`.
 * At another batch size keep the number of images: `fixed({ images: 256 * PUBLISHED_STOPS['SiT-XL/2'] })`.
 */
export const PUBLISHED_STOPS = {
  'SiT-B/2': 100_000,
  'SiT-L/2': 250_000,
  'SiT-XL/2': 250_000,
  'DiT-XL/2': 250_000,
  /** At 512 × 512 pixels. */
  'SiT-XL/2 512': 300_000,
  /** Text to image on COCO, of 250,000 steps. */
  'MM-DiT': 200_000,
} as const;
