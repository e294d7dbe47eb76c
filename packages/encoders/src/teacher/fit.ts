// Holds an encoder against the plugin, the data and the student that it is asked to teach.
import type { VitFamilyId } from '@hastejs/models';
import { type DataSpec, HasteError, type StudentSpec, type TokenGrid, formatGrid } from '@hastejs/plugin-api';
import { CATALOGUE } from '../catalogue/catalogue.js';
import type { OpenEncoder } from '../encoder.js';
import type { ChannelNormalisation } from '../preprocessing/normalisation.js';
import type { PixelSize } from '../preprocessing/preprocess.js';
import type { VitTeacherOptions } from './options.js';

/** @throws HasteError WEIGHTS_MISMATCH naming the teacher that takes the file. */
export function checkFamily({ family, label }: OpenEncoder, families: readonly VitFamilyId[]): void {
  if (families.includes(family)) return;
  const other = CATALOGUE.find((entry) => entry.family === family)?.teacher;
  throw new HasteError('WEIGHTS_MISMATCH', {
    what: `The file reads as ${family}, which is not of this teacher's families (${families.join(', ')}).`,
    where: label,
    fix: other
      ? `Use ${other} for it, or name its family with the option \`family\`.`
      : 'Name its family with the option `family`.',
  });
}

/** @throws HasteError TEACHER_MISMATCH */
export function checkChannels({ spec, label }: OpenEncoder, { name, image }: DataSpec): void {
  if (image.channels === spec.channels || image.channels === 1) return;
  throw new HasteError('TEACHER_MISMATCH', {
    what: `The encoder takes ${spec.channels}-channel images, but ${name} gives ${image.channels}×${image.height}×${image.width} (channels × height × width).`,
    where: label,
    fix: 'Take an encoder of as many channels, or load the images in grey.',
  });
}

/**
 * The option's, the file's or its family's, or the plugin's.
 * @throws HasteError TEACHER_MISMATCH when it is for other channels, WEIGHTS_MISMATCH when nobody says.
 */
export function chooseNormalisation(
  { spec, transform, family, label }: OpenEncoder,
  option: ChannelNormalisation | undefined,
  usual: ChannelNormalisation | undefined,
): ChannelNormalisation {
  const chosen = option ?? transform.normalisation ?? usual;
  if (chosen?.mean.length === spec.channels && chosen.std.length === spec.channels) return chosen;
  if (option) {
    throw new HasteError('TEACHER_MISMATCH', {
      what: `The encoder takes ${spec.channels} channels, but normalisation has ${option.mean.length} mean and ${option.std.length} std.`,
      where: label,
      fix: `Give ${spec.channels} numbers for each.`,
    });
  }
  throw new HasteError('WEIGHTS_MISMATCH', {
    what: `The encoder (${family}) takes ${spec.channels}-channel images, and nothing says how they are normalised.`,
    where: label,
    fix: `Give the option \`normalisation\` with ${spec.channels} mean and std, of pixels in [0, 1], or keep the config files that were published with the weights beside them.`,
  });
}

/** What an encoder is shown. */
export interface View {
  readonly grid: TokenGrid;
  /** Size that images are prepared at. Pixels right of and below the last whole patch are not seen, as in the convolution. */
  readonly pixels: PixelSize;
}

/**
 * The grid of patch tokens and the size of images: the option's, the family's for its own evaluation, or what the student's
 * grid needs.
 * @throws HasteError TEACHER_MISMATCH for an image size that the patches do not divide.
 */
export function chooseView(
  { spec: { patchSize }, transform, label }: OpenEncoder,
  { imageSize, preprocessing }: Pick<VitTeacherOptions, 'imageSize' | 'preprocessing'>,
  student: Pick<StudentSpec, 'grid'>,
): View {
  if (imageSize === undefined && preprocessing !== 'evaluation') {
    const { grid } = student;
    return { grid, pixels: { height: grid.height * patchSize, width: grid.width * patchSize } };
  }
  const size = imageSize ?? transform.crop;
  const side = Math.max(1, imageSize === undefined ? Math.floor(size / patchSize) : Math.round(size / patchSize));
  const grid: TokenGrid = { height: side, width: side };
  // A family whose own size leaves a rest (SigLIP's 384 with patches of 14) sees no more of it than its convolution does.
  if (imageSize === undefined || side * patchSize === size) return { grid, pixels: { height: size, width: size } };
  throw new HasteError('TEACHER_MISMATCH', {
    what: `imageSize ${imageSize} is not a multiple of the encoder's patch size ${patchSize}.`,
    where: label,
    fix: `Leave imageSize out, or take ${side * patchSize}, which gives ${formatGrid(grid)} tokens.`,
  });
}
