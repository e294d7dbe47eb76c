import { availableParallelism } from 'node:os';
import { z } from 'zod';

/** One core is left to the training itself; four threads decode some hundred images a second. */
export const defaultWorkers = (): number => Math.max(1, Math.min(4, availableParallelism() - 1));

export const imageFolderOptions = z.strictObject({
  dir: z
    .string()
    .min(1)
    .describe('Folder with one folder of images for each class; relative paths start at the recipe.'),
  size: z.int().min(8).max(4096).default(256).describe('Side of the square that images are resampled and cropped to.'),
  channels: z.literal([1, 3]).default(3).describe('3: RGB, grey images too. 1: grey, colour images too.'),
  onBadImage: z
    .enum(['stop', 'skip'])
    .default('stop')
    .describe('What a bad file does: end the run, or be left out and counted.'),
  flip: z.boolean().default(false).describe('Mirror each image left to right with probability ½, anew at each step.'),
  workers: z
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe('Decoding threads; by default one less than the cores, 4 at most.'),
  cacheMiB: z.number().min(0).max(1_048_576).default(256).describe('Memory for decoded images, in MiB; 0 is off.'),
});

export type ImageFolderOptions = z.output<typeof imageFolderOptions>;
