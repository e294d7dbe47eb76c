import { type DataSpec, type StudentSpec, checkImages, checkedBlocks } from '@hastejs/plugin-api';
import { z } from 'zod';

/** Options that all metrics by layer have. @param images default size of the probe set. */
export const layerOptions = (name: string, images: number) => ({
  every: z.int().positive().default(1000).describe('Steps between measurements.'),
  blocks: z
    .array(z.int().nonnegative())
    .min(1)
    .optional()
    .describe('Student blocks to look at, from 0; default: all of them.'),
  time: z.number().min(0).max(1).default(0.5).describe('Diffusion time at which the student sees the images.'),
  labels: z
    .enum(['none', 'own'])
    .default('none')
    .describe(
      'Whether the student is told the class of each image. Told, its layers carry the class whatever they see.',
    ),
  images: z.int().min(8).default(images).describe('Size of the fixed probe set.'),
  name: z
    .string()
    .regex(/^[\w-]+$/)
    .default(name)
    .describe('Names the values: `metric/<name>/block<n>`.'),
});

interface LayerOptions {
  readonly blocks?: readonly number[] | undefined;
  readonly images: number;
  readonly name: string;
}

/** The blocks looked at, ascending, and what their values are called; checked against student and data. */
export function layersOf(where: string, { blocks, images, name }: LayerOptions, student: StudentSpec, data: DataSpec) {
  checkImages(where, images, data);
  const all = Array.from({ length: student.blocks }, (_, block) => block);
  const looked = blocks ? [...new Set(checkedBlocks(where, blocks, student))].sort((a, b) => a - b) : all;
  return { blocks: looked, nameOf: (block: number) => `${name}/block${block}` };
}

/** Numbers of taps that are held at once: 256 MiB of float32. */
const MOST_TAPS = 2 ** 26;

/** Images that may be looked at together when an image's taps are this many numbers. */
export const imagesAtOnce = (perImage: number): number => Math.max(1, Math.floor(MOST_TAPS / perImage));
