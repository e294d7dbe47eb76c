// C channels, H×W pixels, T patch tokens, D width.
import { type Host, resolveFile } from '@hastejs/core';
import { type Raster, decodeImage } from '@hastejs/data';
import {
  type Encoder,
  NORMALISATIONS,
  type OpenEncoder,
  attentionMaps,
  locateWeights,
  openEncoder,
  preprocess,
  principalComponents,
} from '@hastejs/encoders';
import { HasteError, type TokenGrid, formatGrid } from '@hastejs/plugin-api';
import { type Tensor3D, type Tensor4D, tf } from '@hastejs/tensor';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Panel, featurePanel, heatPanel, imagePanel } from './panels.js';

/** What `haste teachers check` was asked. */
export interface EncoderCheck {
  readonly host: Host;
  /** Where relative paths start. */
  readonly baseDir: string;
  /** As a recipe names them. */
  readonly weights: string;
  /** Which state dict of a checkpoint that holds several. */
  readonly entry?: string;
  /** Default: one that is shipped. */
  readonly image?: string;
  /** Side in pixels; default: what the encoder's positions are for. */
  readonly size?: number;
  /** Whose attention is shown; default: the last. */
  readonly block?: number;
  /** Default: the first six. */
  readonly heads?: readonly number[];
  readonly backend?: string;
}

/** What was found, in numbers, and as panels of one picture. */
export interface CheckedEncoder {
  readonly label: string;
  readonly family: string;
  readonly blocks: number;
  readonly width: number;
  readonly heads: number;
  readonly patchSize: number;
  readonly grid: TokenGrid;
  readonly block: number;
  /** Share of the variance of patch features that each of the three colours shows. */
  readonly explained: readonly number[];
  /** The family does not say how images are normalised; ImageNet's numbers were used. */
  readonly guessedNormalisation: boolean;
  readonly panels: readonly Panel[];
}

const SHIPPED = { 1: 't-shirt.png', 3: 'cat.jpg' } as const;
const USUAL_HEADS = 6;

/**
 * Runs an encoder on an image: patch features by their principal components, and where heads of a block look. A model with
 * the right weights gives whole parts of the image one colour; with wrong weights colours follow light and edges, or nothing.
 * @throws HasteError as a teacher of these weights would, IMAGE_UNREADABLE, or USAGE for blocks, heads or sizes that are not there.
 */
export async function checkEncoder(asked: EncoderCheck): Promise<CheckedEncoder> {
  const { host, baseDir } = asked;
  await host.selectBackend(asked.backend);
  const files = { resolve: (path: string) => resolveFile(host.registry, baseDir, path) };
  const open = await openEncoder(locateWeights(asked.weights, files), { entry: asked.entry });
  try {
    const grid = gridOf(open, asked.size);
    const block = inRange('block', asked.block ?? open.spec.depth - 1, open.spec.depth);
    const every = Array.from({ length: open.spec.numHeads }, (_, head) => head);
    const heads = (asked.heads ?? every.slice(0, USUAL_HEADS)).map((head) => inRange('head', head, every.length));
    const image = await readImage(open, grid, asked.image && files.resolve(asked.image));
    const encoder = await open.load(grid);
    try {
      return { ...facts(open), grid, block, ...(await look(encoder, open, image, block, heads)) };
    } finally {
      encoder.dispose();
    }
  } finally {
    await open.close();
  }
}

function facts({
  label,
  family,
  spec,
  transform,
}: OpenEncoder): Omit<CheckedEncoder, 'grid' | 'block' | 'panels' | 'explained'> {
  const { depth: blocks, hiddenSize: width, numHeads: heads, patchSize } = spec;
  return { label, family, blocks, width, heads, patchSize, guessedNormalisation: transform.normalisation === null };
}

/** One pass: the final tokens, and queries and keys of one block. */
async function look(
  encoder: Encoder,
  { transform }: OpenEncoder,
  image: Raster,
  block: number,
  heads: readonly number[],
): Promise<Pick<CheckedEncoder, 'panels' | 'explained'>> {
  const { spec } = encoder;
  const { grid } = spec;
  const taps = tf.tidy(() => {
    const x_BCHW = prepared(image, transform);
    const { tokens, attention } = encoder.taps(x_BCHW, { tokens: ['final'], attention: [block] });
    const prefix = (spec.classToken ? 1 : 0) + spec.registers;
    const patches_BTD = tf.slice(tokens.get('final')!, [0, prefix, 0], [-1, -1, -1]) as Tensor3D;
    return { patches_BTD, ...attention.get(block)! };
  });
  try {
    const tokens_TD = (await taps.patches_BTD.data()) as Float32Array;
    const { scores_TK, explained_K } = principalComponents(tokens_TD, spec.hiddenSize, 3);
    const maps = await attentionMaps(spec, taps, heads);
    const panels = [
      imagePanel('image', image, grid),
      featurePanel('features', scores_TK, grid),
      ...maps.map(({ head, share_T }) => heatPanel(`block ${block} head ${head}`, share_T, grid)),
    ];
    return { panels, explained: explained_K };
  } finally {
    tf.dispose(taps);
  }
}

/** The image as it is on the sheet: it has the encoder's size already, so that only normalising is left. */
function prepared({ data_HWC, height, width, channels }: Raster, transform: OpenEncoder['transform']): Tensor4D {
  const pixels = tf.tensor4d(Float32Array.from(data_HWC), [1, height, width, channels]);
  const normalisation = transform.normalisation ?? NORMALISATIONS.imagenet;
  const pixels_BCHW = tf.transpose(pixels, [0, 3, 1, 2]) as Tensor4D;
  return preprocess(pixels_BCHW, { kind: 'training', transform, normalisation }, { height, width });
}

async function readImage({ spec }: OpenEncoder, { width }: TokenGrid, path: string | undefined): Promise<Raster> {
  const channels = spec.channels === 1 ? 1 : 3;
  const from = path ?? fileURLToPath(new URL(`../../assets/check/${SHIPPED[channels]}`, import.meta.url));
  const size = width * spec.patchSize;
  try {
    const pixels_CHW = await decodeImage(await readFile(from), { size, channels });
    const area = size * size;
    const data_HWC = pixels_CHW.map((_, i) => pixels_CHW[(i % channels) * area + Math.floor(i / channels)]!);
    return { width: size, height: size, channels, data_HWC };
  } catch (cause) {
    throw new HasteError('IMAGE_UNREADABLE', {
      what: `The image cannot be read: ${(cause as Error).message}.`,
      where: from,
      fix: 'Name a PNG, JPEG or WebP image, or leave it out.',
      cause,
    });
  }
}

/** A square grid: of the size asked for, or the one that the position table is for. */
function gridOf({ spec }: OpenEncoder, size: number | undefined): TokenGrid {
  const { patchSize, grid } = spec;
  const side = size === undefined ? grid.width : Math.round(size / patchSize);
  if (size === undefined || (side >= 1 && side * patchSize === size)) return { height: side, width: side };
  const near = { height: Math.max(1, side), width: Math.max(1, side) };
  throw new HasteError('USAGE', {
    what: `${size} pixels are no whole number of patches of ${patchSize}.`,
    where: '--size',
    fix: `Take ${near.width * patchSize}, which gives ${formatGrid(near)}.`,
  });
}

function inRange(what: string, index: number, count: number): number {
  if (index < count) return index;
  throw new HasteError('USAGE', {
    what: `The encoder has no ${what} ${index}.`,
    where: `--${what}${what === 'head' ? 's' : ''}`,
    fix: `It has ${what}s 0 to ${count - 1}.`,
  });
}
