import { patchTaps, resamplePositions, vitForward } from '@hastejs/models';
import {
  type DataSpec,
  HasteError,
  Services,
  type TeacherEncoder,
  type TokenGrid,
  contentFingerprint,
  defineTeacher,
  formatGrid,
} from '@hastejs/plugin-api';
import { type Tensor3D, disposeParams } from '@hastejs/tensor';
import { basename } from 'node:path';
import { z } from 'zod';
import { type LoadedVit, loadVit } from './load.js';
import { type ChannelNormalisation, channelNormalisation, defaultNormalisation, preprocess } from './preprocess.js';

const options = z.strictObject({
  weights: z.string().min(1).describe('A .safetensors file under the released DINOv2 names.'),
  imageSize: z
    .int()
    .positive()
    .optional()
    .describe(
      "Side that images are resized to, a multiple of the patch; default: what gives the student's token grid.",
    ),
  heads: z.int().positive().optional().describe('Attention heads; default: what the file says, or width / 64.'),
  normalisation: channelNormalisation
    .optional()
    .describe("Mean and std of every channel, of pixels in [0, 1]; default: what the file says, or ImageNet's."),
});

/** DINOv2 and every vision transformer of its layout, with or without registers, MLP or SwiGLU. */
export const dino = defineTeacher({
  id: 'teacher/dino',
  summary: "A frozen vision transformer of DINOv2's layout, from its safetensors file.",
  options,
  inject: { files: Services.files, student: Services.student, data: Services.data },
  fingerprint: ({ weights }, { files }) => contentFingerprint(files.resolve(weights)),
  create: async ({ weights, imageSize, heads, normalisation }, { files, student, data }) => {
    const path = files.resolve(weights);
    const loaded = await loadVit(path, heads);
    try {
      const grid = imageSize === undefined ? student.grid : gridOf(imageSize, loaded, path);
      checkChannels(loaded, data, path);
      const pixels = normalisation ?? loaded.metadata.normalisation ?? defaultNormalisation(loaded.spec.channels, path);
      checkNormalisation(pixels, loaded, path);
      return makeTeacher(loaded, grid, pixels, path);
    } catch (error) {
      disposeParams(loaded.params);
      throw error;
    }
  },
});

/** Resamples the position table to the grid once (timm's way, as the released training code does), then only encodes. */
function makeTeacher(loaded: LoadedVit, grid: TokenGrid, pixels: ChannelNormalisation, path: string): TeacherEncoder {
  const { spec } = loaded;
  const own = loaded.params['pos_embed'] as Tensor3D;
  const pos_embed = resamplePositions(own, spec.grid, grid, { kind: 'timm' });
  own.dispose();
  const params = { ...loaded.params, pos_embed };
  const size = { height: grid.height * spec.patchSize, width: grid.width * spec.patchSize };
  let disposed = false;
  return {
    spec: {
      name: `ViT-${spec.hiddenSize}x${spec.depth}/${spec.patchSize} (${basename(path)})`,
      blocks: spec.depth,
      width: spec.hiddenSize,
      heads: spec.numHeads,
      headDim: spec.hiddenSize / spec.numHeads,
      grid,
    },
    encode(images_BCHW, taps) {
      if (disposed) throw new Error('The teacher was called after its disposal.');
      return patchTaps(spec, vitForward({ ...spec, grid }, params, preprocess(images_BCHW, pixels, size), taps));
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      disposeParams(params);
    },
  };
}

function gridOf(imageSize: number, { spec }: LoadedVit, path: string): TokenGrid {
  const side = Math.max(1, Math.round(imageSize / spec.patchSize));
  const grid: TokenGrid = { height: side, width: side };
  if (side * spec.patchSize === imageSize) return grid;
  throw new HasteError('TEACHER_MISMATCH', {
    what: `imageSize ${imageSize} is not a multiple of the encoder's patch size ${spec.patchSize}.`,
    where: path,
    fix: `Leave imageSize out, or take ${side * spec.patchSize}, which gives ${formatGrid(grid)} tokens.`,
  });
}

function checkChannels({ spec }: LoadedVit, { name, image }: DataSpec, path: string): void {
  if (image.channels === spec.channels || image.channels === 1) return;
  throw new HasteError('TEACHER_MISMATCH', {
    what: `The encoder takes ${spec.channels}-channel images, but ${name} gives ${image.channels}×${image.height}×${image.width} (channels × height × width).`,
    where: path,
    fix: 'Take an encoder of as many channels, or load the images in grey.',
  });
}

function checkNormalisation({ mean, std }: ChannelNormalisation, { spec }: LoadedVit, path: string): void {
  if (mean.length === spec.channels && std.length === spec.channels) return;
  throw new HasteError('TEACHER_MISMATCH', {
    what: `The encoder takes ${spec.channels} channels, but normalisation has ${mean.length} mean and ${std.length} std.`,
    where: path,
    fix: `Give ${spec.channels} numbers for each.`,
  });
}
