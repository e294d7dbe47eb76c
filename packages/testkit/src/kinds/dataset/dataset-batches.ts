// Batches of a data set, and what they are held against. B batch, C channels, H height, W width.
import type { Dataset, ImageBatch } from '@hastejs/plugin-api';
import { rng } from '@hastejs/tensor';
import { must } from '../../contract/contract-fault.js';

const WHERE = 'read()';

/** A few indices, in no order; fewer where the set is small. */
export function some({ spec }: Dataset, count: number): Int32Array {
  return rng(2).permutation(spec.length).slice(0, Math.min(count, spec.length));
}

export const read = (dataset: Dataset, indices: Int32Array, draw = 0): Promise<ImageBatch> =>
  dataset.read(indices, rng(4).stream('augmentation').at(draw));

export function mustFit({ spec }: Dataset, { images_BCHW, labels_B, variants_B }: ImageBatch, B: number): void {
  const { channels, height, width } = spec.image;
  const size = B * channels * height * width;
  must(images_BCHW instanceof Uint8Array && images_BCHW.length === size, {
    what: `For ${B} images of ${channels}×${height}×${width} it gave ${images_BCHW?.constructor.name} of ${images_BCHW?.length}, not Uint8Array of ${size}.`,
    where: WHERE,
    fix: 'Give pixels 0 to 255 as uint8, channel by channel: [B, C, H, W].',
  });
  must(labels_B instanceof Int32Array && labels_B.length === B, {
    what: `For ${B} images it gave ${labels_B?.length} labels in ${labels_B?.constructor.name}.`,
    where: WHERE,
    fix: 'Give one class index an image, Int32Array.',
  });
  const beyond = [...labels_B].filter((label) => label < 0 || label >= spec.classes.length);
  must(beyond.length === 0, {
    what: `It gave the label ${beyond.join(', ')}; there are ${spec.classes.length} classes, from 0.`,
    where: WHERE,
    fix: 'A label is an index into spec.classes; the null class is the trainer’s to draw.',
  });
  const count = spec.variants?.length ?? 1;
  const odd = [...(variants_B ?? [])].filter((variant) => variant >= count);
  must(odd.length === 0 && (variants_B === undefined || variants_B.length === B), {
    what: `Its variants_B are ${[...(variants_B ?? [])].join(', ')}; the spec names ${count}.`,
    where: WHERE,
    fix: 'Give one index into spec.variants an image.',
  });
}

export function mustBeNames(what: string, names: readonly string[]): void {
  const fine =
    Array.isArray(names) &&
    names.length > 0 &&
    names.every((name) => typeof name === 'string' && name !== '') &&
    new Set(names).size === names.length;
  must(fine, {
    what: `Its ${what} are ${JSON.stringify(names)}.`,
    where: 'spec',
    fix: 'Give at least one name, and each once.',
  });
}

export function mustBeSame(a: ImageBatch, b: ImageBatch, when: string, fix: string): void {
  const differs = (['images_BCHW', 'labels_B'] as const).filter(
    (part) => Buffer.compare(bytes(a[part]), bytes(b[part])) !== 0,
  );
  must(differs.length === 0, {
    what: `For the same indices and draw, ${when}, its ${differs.join(' and ')} differ.`,
    where: WHERE,
    fix,
  });
}

const bytes = ({ buffer, byteOffset, byteLength }: Uint8Array | Int32Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

/** `12 (mirrored)` with its pixels and label as text. */
export function itemsOf({ spec }: Dataset, batch: ImageBatch, indices: Int32Array): [string, string][] {
  const size = batch.images_BCHW.length / indices.length;
  return Array.from(indices, (index, b) => [
    `${index} (${spec.variants![batch.variants_B?.[b] ?? 0]})`,
    `${batch.labels_B[b]} ${Buffer.from(batch.images_BCHW.subarray(b * size, (b + 1) * size)).toString('base64')}`,
  ]);
}
