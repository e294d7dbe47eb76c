// B images of a batch, S side of an image.
import { type BatchItems, type DataSpec, type Dataset, type ImageBatch, defineDataset } from '@hastejs/plugin-api';
import { type Rng, rng } from '@hastejs/tensor';
import { z } from 'zod';
import { SHAPES, drawShape, mirrored } from './shapes.js';

const options = z.strictObject({
  length: z.int().min(3).default(3000).describe('Images, dealt to the classes in turn.'),
  size: z.int().min(8).max(256).default(16).describe('Side of an image in pixels.'),
  seed: z.int().nonnegative().default(0).describe('Another seed, other images.'),
  mirror: z
    .boolean()
    .default(false)
    .describe('Augmentation: whether half of the images, drawn anew each time, are mirrored.'),
});
type Options = z.output<typeof options>;

/** To be raised when the same options give other images than before: caches and checkpoints tell by it. */
const EDITION = 1;

/**
 * Discs, squares and triangles, drawn when they are asked for: no files, no memory, any number of them. Image n is of
 * class n mod 3 and a function of (seed, n).
 */
export const templateExport = defineDataset({
  id: 'data/template-id',
  summary: 'Drawn discs, squares and triangles in grey; needs no files.',
  options,
  create: (options): Dataset => {
    const spec = specOf(options);
    return {
      spec,
      read: (indices_B, draws) => {
        const variants_B = drawVariants(options, indices_B.length, draws);
        return later(() => answer(spec, options, { indices_B, variants_B }));
      },
      readItems: (items) => later(() => answer(spec, options, items)),
      dispose: () => undefined,
    };
  },
});

/** A fault is a rejection, as it is of a set that reads files. */
const later = <T>(make: () => T): Promise<T> => Promise.resolve().then(make);

function specOf({ length, size, seed, mirror }: Options): DataSpec {
  return {
    name: `template-id (${length} images of ${size}×${size})`,
    length,
    classes: SHAPES,
    image: { channels: 1, height: size, width: size },
    fingerprint: `template-id-${EDITION}-${length}-${size}-${seed}`,
    // Both forms of an image have a name, so that a teacher's features of them can be computed ahead.
    variants: mirror ? ['plain', 'mirrored'] : ['plain'],
  };
}

/** From the draws of the step alone, so that a resumed run sees the same batch. */
function drawVariants({ mirror }: Options, count: number, draws: Rng): Uint8Array {
  return mirror ? Uint8Array.from(draws.uniform(count), (u) => (u < 0.5 ? 0 : 1)) : new Uint8Array(count);
}

/** @throws RangeError for an index that the set does not have. */
function answer(spec: DataSpec, { size, seed }: Options, { indices_B, variants_B }: BatchItems): ImageBatch {
  const wrong = indices_B.find((index) => index < 0 || index >= spec.length);
  const { name, length } = spec;
  if (wrong !== undefined) throw new RangeError(`${name} has images 0 to ${length - 1}; there is no image ${wrong}.`);
  const images_BCHW = new Uint8Array(indices_B.length * size * size);
  const stream = rng(seed).stream('template-id');
  indices_B.forEach((index, b) => {
    const image = drawShape(SHAPES[index % SHAPES.length]!, size, stream.at(index));
    images_BCHW.set(variants_B[b] === 1 ? mirrored(image, size) : image, b * size * size);
  });
  const labels_B = indices_B.map((index) => index % SHAPES.length);
  return { images_BCHW, labels_B, variants_B };
}
