// B batch, C channels, H×W image size, h×w token grid, T = h·w tokens, O orientations, D = 4·O width.
import {
  Services,
  type TapValues,
  type TeacherEncoder,
  type TeacherSpec,
  type TokenGrid,
  type TokenSite,
  defineTeacher,
} from '@hastejs/plugin-api';
import { type Tensor3D, type Tensor4D, layerNorm, tf } from '@hastejs/tensor';
import { z } from 'zod';
import { SIDE, orientedFilters } from './filters.js';

/** Pixels of the side of a token's cell at the finest scale; it is halved from scale to scale. */
const CELL = 8;

const options = z.strictObject({
  orientations: z.int().min(2).max(32).default(8).describe('Directions of edges that are told apart.'),
  scales: z.int().min(1).max(3).default(3).describe('Blocks: each sees the image at half the size of the last.'),
});

/**
 * A teacher without weights: the energy of oriented edges, as simple and complex cells of the visual cortex give it. Block
 * b sees the image halved b times. A token holds the mean energies in the four quarters of its cell; the final tokens are
 * the mean over all scales, normalised token by token.
 *
 * An encoding costs one convolution of 7×7 a scale.
 */
export const templateExport = defineTeacher({
  id: 'teacher/template-id',
  summary: 'Energies of oriented edges at several scales; needs no weights.',
  options,
  inject: { student: Services.student },
  // No file decides the answers; the version of this package is part of the key of a cache.
  fingerprint: () => 'no files',
  create: ({ orientations, scales }, { student }): TeacherEncoder => {
    const { grid } = student;
    const width = 4 * orientations;
    const filters = tf.keep(tf.tensor4d(orientedFilters(orientations), [SIDE, SIDE, 1, 2 * orientations]));
    return {
      spec: specOf(grid, width, scales),
      // No state, nothing read back to the host, no number that changes from step to step.
      repeatable: true,
      encode: (images_BCHW, taps) => {
        const tokens = new Map<TokenSite, Tensor3D>();
        tf.tidy(() => {
          const images = pyramid(images_BCHW, grid, taps.tokens.includes('final') ? scales : lastOf(taps.tokens));
          const energies = images.map((image) => energyTokens(image, filters, grid));
          for (const site of taps.tokens) tokens.set(site, site === 'final' ? meanOf(energies) : energies[site]!);
          return [...tokens.values()];
        });
        return { tokens, attention: new Map() } satisfies TapValues;
      },
      dispose: () => filters.dispose(),
    };
  },
});

const specOf = (grid: TokenGrid, width: number, scales: number): TeacherSpec => ({
  name: 'template-id',
  blocks: scales,
  width,
  heads: 1,
  headDim: width,
  grid,
  // Filters have no attention: Haste refuses a recipe that asks for it before the run.
  offers: { tokens: [...Array.from({ length: scales }, (_, block) => block), 'final'], attention: [] },
});

/** How many scales the taps need. */
const lastOf = (sites: readonly TokenSite[]): number => Math.max(0, ...sites.map((site) => Number(site) + 1));

/** The image in grey at falling sizes: [B, h·c, w·c, 1] with c = 8, 4, 2 pixels a token. */
function pyramid(images_BCHW: Tensor4D, grid: TokenGrid, scales: number): Tensor4D[] {
  const grey_BHW1 = tf.expandDims(tf.mean(tf.div(images_BCHW, 255), 1), -1);
  // The border is padded with zeros: around the mean, it is no edge of its own.
  const centred_BHW1 = tf.sub(grey_BHW1, tf.mean(grey_BHW1, [1, 2], true)) as Tensor4D;
  const images: Tensor4D[] = [];
  for (let scale = 0; scale < scales; scale++) {
    const cell = CELL / 2 ** scale;
    const size: [number, number] = [grid.height * cell, grid.width * cell];
    images.push(scale === 0 ? resized(centred_BHW1, size) : tf.avgPool(images[scale - 1]!, 2, 2, 'valid'));
  }
  return images;
}

const resized = (image: Tensor4D, size: [number, number]): Tensor4D =>
  tf.image.resizeBilinear(image, size, false, true);

/** Energies √(cos² + sin²), averaged over quarters of cells: [B, T, 4·O] */
function energyTokens(image_BHW1: Tensor4D, filters: Tensor4D, grid: TokenGrid): Tensor3D {
  const waves = tf.conv2d(image_BHW1, filters, 1, 'same');
  const [even, odd] = tf.split(waves, 2, -1) as [Tensor4D, Tensor4D];
  const energy_BHWO = tf.sqrt(tf.add(tf.square(even), tf.square(odd))) as Tensor4D;
  const quarter = image_BHW1.shape[1] / grid.height / 2;
  const pooled = quarter === 1 ? energy_BHWO : tf.avgPool(energy_BHWO, quarter, quarter, 'valid');
  const [B, , , O] = pooled.shape;
  const rows = tf.reshape(pooled, [B * grid.height, 2, grid.width, 2 * O]);
  return tf.reshape(tf.transpose(rows, [0, 2, 1, 3]), [B, grid.height * grid.width, 4 * O]);
}

function meanOf(energies: readonly Tensor3D[]): Tensor3D {
  const sum = energies.reduce((total, tokens) => tf.add(total, tokens));
  return layerNorm(tf.div(sum, energies.length), { eps: 1e-6 }) as Tensor3D;
}
