// B batch, C channels, H height, W width.
import { type DataSpec, type Dataset, HasteError, type ImageBatch, defineDataset } from '@hastejs/plugin-api';
import { rng } from '@hastejs/tensor';
import { z } from 'zod';

const options = z.strictObject({
  length: z.int().positive().default(24).describe('Number of images.'),
  channels: z
    .union([z.literal(1), z.literal(3)])
    .default(3)
    .describe('1 for grey, 3 for colour.'),
  height: z.int().positive().default(8).describe('Height of an image in pixels.'),
  width: z
    .int()
    .positive()
    .default(12)
    .describe('Width of an image in pixels; not the height, so that a mix-up shows.'),
});

/**
 * Images made up on the spot: noise with a bright column whose place is the class, of 3. Deterministic, without augmentation,
 * 24 images of 3×8×12 unless told otherwise.
 */
export const fakeData = defineDataset({
  id: 'testkit/data',
  summary: 'Bright columns by class, made up.',
  options,
  create: (wanted): Dataset => {
    const spec = fakeDataSpec(wanted);
    return { spec, read: async (indices) => fakeImages(spec, indices), dispose: () => undefined };
  },
});

/** What {@link fakeData} promises; any part may be another. */
export function fakeDataSpec({
  length = 24,
  channels = 3,
  height = 8,
  width = 12,
}: Partial<z.output<typeof options>> = {}): DataSpec {
  return {
    name: 'made-up columns',
    length,
    classes: ['left', 'middle', 'right'],
    image: { channels, height, width },
    fingerprint: `columns-${length}-${channels}x${height}x${width}`,
    variants: ['plain'],
  };
}

/**
 * The images of {@link fakeData} by index, uint8 [B, C, H, W], with their classes [B].
 * @throws HasteError DATA_MISSING for an index that the set does not have.
 */
export function fakeImages({ image, length, classes }: DataSpec, indices: ArrayLike<number>): ImageBatch {
  const { channels, height, width } = image;
  const size = channels * height * width;
  const images_BCHW = new Uint8Array(indices.length * size);
  const labels_B = Int32Array.from(indices, (index) => index % classes.length);
  Array.from(indices).forEach((index, b) => {
    if (index < 0 || index >= length) throw noSuchImage(index, length);
    const column = Math.floor(((labels_B[b]! + 0.5) / classes.length) * width);
    const noise = rng(index).stream('fake-images').uniform(size);
    const pixels = noise.map((u, i) => (i % width === column ? 255 : 128 * u));
    images_BCHW.set(Uint8Array.from(pixels), b * size);
  });
  return { images_BCHW, labels_B };
}

function noSuchImage(index: number, length: number): HasteError {
  return new HasteError('DATA_MISSING', {
    what: `The made-up data set has no image ${index}.`,
    where: 'testkit/data, read()',
    fix: `Ask for images 0 to ${length - 1}.`,
  });
}
