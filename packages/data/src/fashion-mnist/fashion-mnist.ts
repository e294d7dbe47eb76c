import { Services, defineDataset } from '@hastejs/plugin-api';
import { z } from 'zod';
import { FashionMnistDataset } from './dataset.js';
import { chooseSource } from './source.js';
import { readSplit } from './split.js';

/** Zalando's garments, 28×28 grey, 10 classes: small enough to train on two cores. */
export const fashionMnist = defineDataset({
  id: 'data/fashion-mnist',
  summary: 'Fashion-MNIST: 28×28 grey images of garments in 10 classes; a part of it is shipped.',
  options: z
    .strictObject({
      split: z.enum(['train', 'test']).default('train').describe('Training or test images.'),
      source: z
        .enum(['auto', 'shipped', 'system'])
        .default('auto')
        .describe("system: Debian's dataset-fashion-mnist. auto: that if installed, otherwise the shipped part."),
      dir: z.string().min(1).optional().describe('Folder with the IDX files, packed or not; relative to the recipe.'),
    })
    .refine(({ dir, source }) => dir === undefined || source === 'auto', {
      path: ['source'],
      error: 'Give either dir or source: dir already says where the images are.',
    }),
  inject: { files: Services.files, notices: Services.notices },
  create: async ({ split, source, dir }, { files, notices }) => {
    const { folder, label } = await chooseSource(source, split, dir === undefined ? undefined : files.resolve(dir));
    const data = await readSplit(folder, split);
    const name = `Fashion-MNIST ${split}, ${label}`;
    notices.info(`${name}: ${data.length.toLocaleString('en-US')} images.`);
    return new FashionMnistDataset(name, data);
  },
});
