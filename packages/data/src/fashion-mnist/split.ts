import { join } from 'node:path';
import { badFile, parseIdx } from './idx.js';
import { readMaybeCompressed } from './read-file.js';

// N images, H height, W width.

export type Split = 'train' | 'test';

/** File names, without `.gz`, as published. */
export const FILES = {
  train: { images: 'train-images-idx3-ubyte', labels: 'train-labels-idx1-ubyte' },
  test: { images: 't10k-images-idx3-ubyte', labels: 't10k-labels-idx1-ubyte' },
} as const;

export const CLASSES = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
] as const;

export interface SplitData {
  readonly images_NHW: Uint8Array;
  readonly labels_N: Uint8Array;
  readonly length: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Reads one split from a folder and checks that images and labels belong together.
 * @throws HasteError DATA_MISSING or IMAGE_UNREADABLE, with the file.
 */
export async function readSplit(folder: string, split: Split): Promise<SplitData> {
  const names = FILES[split];
  // One after the other: when both are missing, the error is the same every time.
  const imageFile = await readMaybeCompressed(join(folder, names.images));
  const labelFile = await readMaybeCompressed(join(folder, names.labels));
  const images = parseIdx(imageFile.bytes, 3, imageFile.path);
  const labels = parseIdx(labelFile.bytes, 1, labelFile.path);
  const [length = 0, height = 0, width = 0] = images.shape;
  if (length === 0) throw badFile(imageFile.path, 'The IDX file holds no images');
  if (length !== labels.shape[0])
    throw badFile(labelFile.path, `There are ${labels.shape[0]} labels for ${length} images`);
  const wrong = labels.data.find((label) => label >= CLASSES.length);
  if (wrong !== undefined) throw badFile(labelFile.path, `The labels name class ${wrong}; there are ${CLASSES.length}`);
  return { images_NHW: images.data, labels_N: labels.data, length, height, width };
}
