// B images of a batch, N of the probe set, L layers, T tokens, D width.
import { type MetricContext, type ProbeBatch, type StudentSpec, type TokenSite, gridTokens } from '@hastejs/plugin-api';
import { type Tensor2D, type Tensor3D, tf } from '@hastejs/tensor';
import { imagesAtOnce } from './options.js';

/** One row of features for each image: the mean over its tokens, or one of its tokens, at places that go round the grid. */
export type RowOf = 'images' | 'tokens';

/** Features of a probe set in host memory, one row an image. */
export interface LayerFeatures {
  /** [N·D] by layer. */
  readonly layers: ReadonlyMap<TokenSite, Float32Array>;
  readonly width: number;
}

export interface Look {
  readonly images: number;
  readonly time: number;
  readonly labels: 'own' | 'none';
  readonly blocks: readonly number[];
  readonly row?: RowOf;
}

/** Images at once whose tokens of all blocks may be held. */
export const tokensAtOnce = ({ width, grid }: StudentSpec, blocks: readonly number[]): number =>
  imagesAtOnce(width * gridTokens(grid) * blocks.length);

/**
 * The student's features of a probe set: one forward pass up to the last block. Memory: N·D·L numbers on the host, the tokens
 * of a part of a batch on the backend.
 * @param also called with every batch while it lives.
 */
export async function studentFeatures(
  { probes }: Pick<MetricContext, 'probes'>,
  { images, time, labels, blocks, row = 'images' }: Look,
  student: StudentSpec,
  also: (batch: ProbeBatch, seen: number) => void | Promise<void> = () => undefined,
): Promise<LayerFeatures> {
  const { width } = student;
  const layers = new Map(blocks.map((block) => [block, new Float32Array(images * width)]));
  let seen = 0;
  for await (const batch of probes(images, tokensAtOnce(student, blocks))) {
    const first = seen;
    const rows = await readRows(() => {
      const { tokens } = batch.taps({ tokens: blocks, attention: [] }, time, labels);
      return blocks.map((block) => rowsOf(tokens.get(block)!, row, first));
    });
    blocks.forEach((block, layer) => layers.get(block)!.set(rows[layer]!, first * width));
    await also(batch, first);
    seen += batch.size;
  }
  return { layers, width };
}

/** Reads all layers of a batch back at once. @param take makes [B, D] of each layer within a tidy. */
export async function readRows(take: () => Tensor2D[]): Promise<Float32Array[]> {
  const rows_LBD = tf.tidy(() => tf.stack(take()) as Tensor3D);
  const [L] = rows_LBD.shape;
  const data = (await rows_LBD.data()) as Float32Array;
  rows_LBD.dispose();
  const size = data.length / L;
  return Array.from({ length: L }, (_, layer) => data.subarray(layer * size, (layer + 1) * size));
}

/** @param first number of the batch's first image in the probe set. */
export function rowsOf(x_BTD: Tensor3D, row: RowOf, first: number): Tensor2D {
  if (row === 'images') return tf.mean(x_BTD, 1);
  const [B, T, D] = x_BTD.shape;
  const places = Int32Array.from({ length: B }, (_, b) => b * T + placeOf(first + b, T));
  return tf.gather(tf.reshape(x_BTD, [B * T, D]), tf.tensor1d(places, 'int32')) as Tensor2D;
}

/** The golden ratio's multiples cover a grid evenly, whatever its size. */
const placeOf = (image: number, tokens: number): number => Math.floor(((image * 0.6180339887498949) % 1) * tokens);
